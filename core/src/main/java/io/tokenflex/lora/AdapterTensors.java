package io.tokenflex.lora;

import ai.djl.ndarray.NDArray;
import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.model.ParameterSpec;
import io.tokenflex.model.Segment;
import io.tokenflex.model.TokenFlexModel;
import io.tokenflex.names.ExportedNames;
import io.tokenflex.safetensors.SafetensorsReader;
import io.tokenflex.safetensors.SafetensorsWriter;
import io.tokenflex.safetensors.TensorProblems;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Trained parameters of a model with adapters, under PEFT's names in {@code
 * adapter_model.safetensors}: A and B of every adapted layer, and fully trained modules ({@code
 * modules_to_save}).
 */
public final class AdapterTensors {
  private static final String LORA = ".lora_";
  private static final String WEIGHT = ".weight";

  private final List<Segment> trained;
  private final ExportedNames names;

  /** Accesses the trained parameters of a model. */
  public AdapterTensors(TokenFlexModel model) {
    this.trained = model.trainedSegments();
    this.names = new ExportedNames(model.config());
  }

  /** Source of tensor values. */
  @FunctionalInterface
  private interface Values {
    Optional<float[]> of(String name, List<Long> shape) throws IOException;
  }

  /** Writes {@code adapter_model.safetensors} in fp32, byte for byte as PEFT does. */
  public void write(OutputStream out) throws IOException {
    Map<String, NDArray> tensors = new TreeMap<>();
    for (Segment segment : trained) {
      segment.namedWeights().forEach((our, window) -> tensors.put(peftName(our), window));
    }
    try {
      SafetensorsWriter.write(out, tensors);
    } finally {
      tensors.values().forEach(NDArray::close); // views; the weights stay allocated
    }
  }

  /**
   * Reads what {@link #write} wrote; the caller must merge.
   *
   * @throws IOException if a tensor is missing, unexpected or misshapen
   */
  public void read(SafetensorsReader reader, String place) throws IOException {
    Map<String, float[]> tensors = new TreeMap<>();
    Map<String, List<Long>> shapes = new TreeMap<>();
    while (reader.hasNext()) {
      shapes.put(reader.peek().name(), reader.peek().shape());
      tensors.put(reader.peek().name(), reader.readFloats());
    }
    fill(
        place,
        tensors.keySet(),
        (name, shape) ->
            shape.equals(shapes.get(name)) ? Optional.of(tensors.get(name)) : Optional.empty());
  }

  /**
   * Copies the values of an adapter; the caller must merge.
   *
   * @throws IllegalArgumentException if a tensor is missing, unexpected or misshapen
   */
  public void copyFrom(PeftAdapter adapter) {
    TreeSet<String> there = new TreeSet<>();
    adapter.savedParameters().forEach(name -> there.add(PeftAdapter.PREFIX + name));
    for (String module : adapter.modules()) {
      there.add(PeftAdapter.PREFIX + module + LORA + "A" + WEIGHT);
      there.add(PeftAdapter.PREFIX + module + LORA + "B" + WEIGHT);
    }
    try {
      fill(adapter.toString(), there, adapter::values);
    } catch (IOException e) {
      throw new InvalidInputException(e.getMessage(), e);
    }
  }

  private void fill(String place, Iterable<String> there, Values values) throws IOException {
    Set<String> unexpected = new TreeSet<>();
    there.forEach(unexpected::add);
    TensorProblems problems = new TensorProblems();
    Map<String, float[]> found = new TreeMap<>();
    for (Segment segment : trained) {
      for (ParameterSpec spec : segment.specs()) {
        String name = peftName(spec.name());
        List<Long> shape = Arrays.stream(spec.shape().getShape()).boxed().toList();
        unexpected.remove(name);
        values
            .of(name, shape)
            .ifPresentOrElse(
                array -> found.put(spec.name(), array), () -> problems.missing(name, shape));
      }
    }
    unexpected.forEach(problems::unexpected);
    if (!problems.isEmpty()) {
      throw new IOException("%s does not fit the model's adapters: %s".formatted(place, problems));
    }
    for (Segment segment : trained) {
      segment.specs().forEach(spec -> segment.set(spec, found.get(spec.name())));
    }
  }

  private String peftName(String our) {
    int lora = our.lastIndexOf(LORA);
    if (lora < 0) {
      return PeftAdapter.PREFIX + names.exported(our);
    }
    String weight = names.exported(our.substring(0, lora) + WEIGHT);
    String module = weight.substring(0, weight.length() - WEIGHT.length());
    return PeftAdapter.PREFIX + module + our.substring(lora);
  }
}
