package io.tokenflex.convert;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenflex.Golden;
import io.tokenflex.safetensors.SafetensorsFolder;
import io.tokenflex.safetensors.ShardedSafetensorsWriter;
import io.tokenflex.safetensors.TensorInfo;
import io.tokenflex.safetensors.TensorInfo.ElementType;
import io.tokenflex.safetensors.TensorSource;
import io.tokenflex.tokens.VisionTokenCount;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Stream;

/** A published folder that tools/golden/whole_models.py wrote, and what is expected of it. */
public record WholeGolden(String name, Path folder, Golden expected) {
  public static final ModelImport.Options OPTIONS =
      new ModelImport.Options(
          Optional.empty(),
          -1,
          Optional.empty(),
          Stream.of(4, 9, 16).map(VisionTokenCount::of).toList(),
          ElementType.F32,
          7);

  /** A tensor and its values. */
  @SuppressWarnings("ArrayRecordComponent") // handed on, never compared
  record Tensor(List<Long> shape, float[] values) {}

  public static WholeGolden of(String name) {
    try {
      Path folder = Path.of(WholeGolden.class.getResource("/golden/whole/" + name).toURI());
      return new WholeGolden(name, folder, Golden.load("whole/" + name + "/expected"));
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }

  /** Numbers of vision tokens that logits are expected at; none if the projector is not taken. */
  List<Integer> counts() {
    List<Integer> counts = new ArrayList<>();
    expected.config().get("counts").forEach(count -> counts.add(count.intValue()));
    return counts;
  }

  LoadedFolder.Pictures pictures() {
    return new LoadedFolder.Pictures(expected.floats("inputs.pixel_values"), 2);
  }

  /** Imports the folder, or its two halves. */
  void importInto(Path out, ModelImport.Options options, List<String> progress) throws IOException {
    importFrom(folder, out, options, progress);
  }

  static void importFrom(Path from, Path out, ModelImport.Options options, List<String> progress)
      throws IOException {
    ModelImport modelImport = new ModelImport(options, progress::add);
    if (Files.exists(from.resolve("vision"))) {
      modelImport.fromParts(from.resolve("vision"), from.resolve("language"), out);
    } else {
      modelImport.fromModel(from, out);
    }
  }

  /** A copy that may be damaged. */
  Path copyInto(Path target) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.toList()) {
        Path copy = target.resolve(folder.relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(copy);
        } else {
          Files.copy(file, copy);
        }
      }
    }
    return target;
  }

  static Map<String, Tensor> tensors(Path folder) throws IOException {
    Map<String, Tensor> found = new TreeMap<>();
    try (SafetensorsFolder open = SafetensorsFolder.open(folder)) {
      for (TensorInfo tensor : open.tensors().values()) {
        float[] values = open.readFloats(tensor.name());
        found.put(tensor.name(), new Tensor(tensor.shape(), values));
      }
    }
    return found;
  }

  /** Writes the tensors of a folder anew; what {@code change} makes null is left out. */
  static void rewrite(Path folder, Function<TensorSource, TensorSource> change) throws IOException {
    List<TensorSource> changed = new ArrayList<>();
    tensors(folder)
        .forEach(
            (name, tensor) -> {
              TensorSource source =
                  change.apply(new TensorSource(name, tensor.shape(), tensor::values));
              if (source != null) {
                changed.add(source);
              }
            });
    Files.delete(folder.resolve("model.safetensors"));
    new ShardedSafetensorsWriter(ElementType.F32).write(folder, changed);
  }

  static void assertBitEqual(Map<String, Tensor> actual, Map<String, Tensor> expected) {
    assertThat(actual.keySet()).isEqualTo(expected.keySet());
    expected.forEach(
        (name, tensor) -> {
          assertThat(actual.get(name).shape()).as(name).isEqualTo(tensor.shape());
          assertThat(bits(actual.get(name).values())).as(name).isEqualTo(bits(tensor.values()));
        });
  }

  private static int[] bits(float[] values) {
    int[] bits = new int[values.length];
    for (int i = 0; i < values.length; i++) {
      bits[i] = Float.floatToRawIntBits(values[i]);
    }
    return bits;
  }

  static List<String> filesIn(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
