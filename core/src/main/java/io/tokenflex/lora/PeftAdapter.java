package io.tokenflex.lora;

import static java.util.Objects.requireNonNull;

import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.modelfolder.ManifestDigests;
import io.tokenflex.safetensors.Listed;
import io.tokenflex.safetensors.SafetensorsFolder;
import io.tokenflex.safetensors.TensorInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * A LoRA adapter saved by PEFT, read into memory: {@code adapter_config.json} and {@code
 * adapter_model.safetensors}. Tensor names have the prefix {@code base_model.model.}: {@code
 * <module>.lora_A.weight}, shape (rank, in), {@code <module>.lora_B.weight}, shape (out, rank), and
 * the parameters of modules trained in full.
 */
public final class PeftAdapter {
  /** File name of the tensors, without extension. */
  public static final String BASE_NAME = "adapter_model";

  /** File name of the tensors. */
  public static final String WEIGHTS = BASE_NAME + ".safetensors";

  /** Prefix of all tensor names. */
  public static final String PREFIX = "base_model.model.";

  private static final String A = ".lora_A.weight";
  private static final String B = ".lora_B.weight";

  private final Path folder;
  private final PeftConfig config;
  private final Map<String, Tensor> as = new TreeMap<>();
  private final Map<String, Tensor> bs = new TreeMap<>();
  private final Map<String, Tensor> saved = new TreeMap<>();

  @SuppressWarnings("ArrayRecordComponent") // passed on, never compared
  private record Tensor(List<Long> shape, float[] values) {}

  private PeftAdapter(Path folder, PeftConfig config) {
    this.folder = requireNonNull(folder, "folder");
    this.config = config;
  }

  /**
   * Reads a folder saved by PEFT.
   *
   * @throws IOException if a file is missing or damaged
   * @throws IllegalArgumentException naming everything that is unsupported
   */
  public static PeftAdapter read(Path folder) throws IOException {
    Path file = folder.resolve(PeftConfig.FILE_NAME);
    if (!Files.exists(file)) {
      throw new NoSuchFileException(
          file.toString(), null, "give a folder that PEFT's save_pretrained or ours wrote");
    }
    ManifestDigests.check(folder);
    PeftAdapter adapter =
        new PeftAdapter(folder, PeftConfig.read(Files.readAllBytes(file), file.toString()));
    try (SafetensorsFolder tensors = SafetensorsFolder.open(folder, BASE_NAME)) {
      for (TensorInfo tensor : tensors.tensors().values()) {
        adapter.put(tensor, tensors.readWeights(tensor.name()));
      }
    }
    adapter.check();
    return adapter;
  }

  private void put(TensorInfo info, float[] values) {
    Tensor tensor = new Tensor(info.shape(), values);
    if (!info.name().startsWith(PREFIX)) {
      throw new InvalidInputException(
          "%s: tensor %s; expected names below %s".formatted(folder, info.name(), PREFIX));
    }
    String name = info.name().substring(PREFIX.length());
    if (name.endsWith(A)) {
      as.put(name.substring(0, name.length() - A.length()), tensor);
    } else if (name.endsWith(B)) {
      bs.put(name.substring(0, name.length() - B.length()), tensor);
    } else {
      saved.put(name, tensor);
    }
  }

  private void check() {
    Set<String> problems = new TreeSet<>();
    Set<String> halves = new TreeSet<>(as.keySet());
    halves.addAll(bs.keySet());
    for (String module : halves) {
      Tensor a = as.get(module);
      Tensor b = bs.get(module);
      long rank = config.rank(module);
      boolean fits =
          a != null
              && b != null
              && a.shape().size() == 2
              && b.shape().size() == 2
              && a.shape().get(0) == rank
              && b.shape().get(1) == rank;
      if (!fits) {
        problems.add(
            String.format(
                Locale.ROOT,
                "%s has A %s and B %s, expected [%d, in] and [out, %d]",
                module,
                a == null ? "missing" : a.shape(),
                b == null ? "missing" : b.shape(),
                rank,
                rank));
      }
    }
    for (String name : saved.keySet()) {
      if (!isSaved(name)) {
        problems.add(name + " belongs to no module of modules_to_save " + config.modulesToSave());
      }
    }
    if (halves.isEmpty()) {
      problems.add("no lora_A and lora_B at all");
    }
    if (!problems.isEmpty()) {
      throw new InvalidInputException(folder + ": " + Listed.of(problems));
    }
  }

  public PeftConfig config() {
    return config;
  }

  /** Sorted paths of the modules with A and B. */
  public Set<String> modules() {
    return Collections.unmodifiableSet(as.keySet());
  }

  /** Sorted names of the parameters that were trained in full. */
  public Set<String> savedParameters() {
    return Collections.unmodifiableSet(saved.keySet());
  }

  /** Values of a tensor, by its name in the file; empty if there is none of that shape. */
  public Optional<float[]> values(String name, List<Long> shape) {
    String inner = name.substring(PREFIX.length());
    Tensor tensor = saved.get(inner);
    if (inner.endsWith(A)) {
      tensor = as.get(inner.substring(0, inner.length() - A.length()));
    } else if (inner.endsWith(B)) {
      tensor = bs.get(inner.substring(0, inner.length() - B.length()));
    }
    return Optional.ofNullable(tensor)
        .filter(found -> found.shape().equals(shape))
        .map(Tensor::values);
  }

  /** Shape (out, in) of the weight that a module adapts. */
  public List<Long> mergedShape(String module) {
    return List.of(bs.get(module).shape().get(0), as.get(module).shape().get(1));
  }

  /** Shape of a parameter that was trained in full. */
  public List<Long> savedShape(String name) {
    return saved.get(name).shape();
  }

  /** Values of a parameter that was trained in full. */
  public float[] savedValues(String name) {
    return saved.get(name).values().clone();
  }

  /**
   * Replaces base weights by fully trained values.
   *
   * @param name one of {@link #savedParameters}
   * @param offset index of the first element of {@code values} in the parameter
   */
  public void replace(String name, long offset, float[] values) {
    float[] full = saved.get(name).values();
    System.arraycopy(full, Math.toIntExact(offset), values, 0, values.length);
  }

  /**
   * Merges an adapter into base weights in place: W + scale B A.
   *
   * @param module one of {@link #modules}
   * @param offset index of the first element of {@code values} in the weight; at the start of a row
   */
  public void merge(String module, long offset, float[] values) {
    float[] a = as.get(module).values();
    float[] b = bs.get(module).values();
    int rank = config.rank(module);
    double scale = config.scale(module);
    int width = a.length / rank;
    int firstRow = Math.toIntExact(offset / width);
    double[] delta = new double[width];
    for (int row = 0; row * width < values.length; row++) {
      Arrays.fill(delta, 0);
      for (int k = 0; k < rank; k++) {
        double factor = scale * b[(firstRow + row) * rank + k];
        for (int column = 0; column < width; column++) {
          delta[column] += factor * a[k * width + column];
        }
      }
      for (int column = 0; column < width; column++) {
        values[row * width + column] = (float) (values[row * width + column] + delta[column]);
      }
    }
  }

  /**
   * As in PEFT, an entry of {@code modules_to_save} matches any suffix of a module path, even
   * within a name.
   */
  private boolean isSaved(String parameter) {
    int dot = parameter.lastIndexOf('.');
    while (dot >= 0) {
      String module = parameter.substring(0, dot);
      if (config.modulesToSave().stream().anyMatch(module::endsWith)) {
        return true;
      }
      dot = module.lastIndexOf('.');
    }
    return false;
  }

  /** The folder's path. */
  @Override
  public String toString() {
    return folder.toString();
  }
}
