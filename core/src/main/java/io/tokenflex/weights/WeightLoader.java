package io.tokenflex.weights;

import io.tokenflex.model.ParameterArena;
import io.tokenflex.model.ParameterSpec;
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** Loads safetensors into a model's arenas by name. */
public final class WeightLoader {
  private WeightLoader() {}

  /**
   * Loads every parameter.
   *
   * @param place names the file in messages
   * @throws IllegalArgumentException naming all missing, unexpected and misshapen tensors together,
   *     before anything is loaded
   */
  public static void load(SafetensorsReader reader, String place, ParameterArena parameters)
      throws IOException {
    Map<String, ParameterSpec> specs = new LinkedHashMap<>();
    parameters
        .segments()
        .forEach(segment -> segment.specs().forEach(spec -> specs.put(spec.name(), spec)));
    TreeSet<String> problems = new TreeSet<>();
    TreeSet<String> missing = new TreeSet<>(specs.keySet());
    for (TensorInfo tensor : reader.tensors()) {
      ParameterSpec spec = specs.get(tensor.name());
      if (spec == null) {
        problems.add("unexpected " + tensor.name() + " " + tensor.shape());
        continue;
      }
      missing.remove(tensor.name());
      List<Long> expected = Arrays.stream(spec.shape().getShape()).boxed().toList();
      if (!expected.equals(tensor.shape())) {
        problems.add(tensor.name() + " is " + tensor.shape() + ", the model has " + expected);
      }
    }
    missing.forEach(name -> problems.add("missing " + name + " " + specs.get(name).shape()));
    if (!problems.isEmpty()) {
      throw new IllegalArgumentException(
          "%s does not fit the model: %s".formatted(place, String.join("; ", problems)));
    }
    while (reader.hasNext()) {
      String name = reader.peek().name();
      parameters.set(name, reader.readFloats());
    }
  }
}
