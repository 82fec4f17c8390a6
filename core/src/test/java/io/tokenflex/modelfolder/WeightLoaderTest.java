package io.tokenflex.modelfolder;

import static io.tokenflex.safetensors.SafetensorsBytes.entry;
import static io.tokenflex.safetensors.SafetensorsBytes.file;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.tokenflex.kernels.ComputeType;
import io.tokenflex.model.TokenFlexModel;
import io.tokenflex.safetensors.SafetensorsFolder;
import io.tokenflex.safetensors.ShardedSafetensorsWriter;
import io.tokenflex.safetensors.TensorInfo.ElementType;
import io.tokenflex.safetensors.TensorSource;
import io.tokenflex.testing.TinyRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("gpu")
class WeightLoaderTest {
  @TempDir private Path folder;
  private NDManager manager;
  private TokenFlexModel model;

  @BeforeEach
  void open() {
    manager = NDManager.newBaseManager("PyTorch");
    model = TokenFlexModel.create(manager, TinyRun.model(), ComputeType.FP32);
    model.parameters().initialize(11);
  }

  @AfterEach
  void close() {
    model.close();
    manager.close();
  }

  private Map<String, float[]> weights() {
    Map<String, float[]> weights = new LinkedHashMap<>();
    model
        .parameters()
        .namedWeights()
        .forEach(
            (name, window) -> {
              weights.put(name, window.toFloatArray());
              window.close();
            });
    return weights;
  }

  private List<TensorSource> sources() {
    List<TensorSource> sources = new ArrayList<>();
    for (Map.Entry<String, NDArray> window : model.parameters().namedWeights().entrySet()) {
      float[] values = window.getValue().toFloatArray();
      List<Long> shape = Arrays.stream(window.getValue().getShape().getShape()).boxed().toList();
      sources.add(new TensorSource(window.getKey(), shape, () -> values));
      window.getValue().close();
    }
    return sources;
  }

  @Test
  void everyParameterIsLoadedFromShards() throws IOException {
    Map<String, float[]> expected = weights();
    List<String> written =
        new ShardedSafetensorsWriter(ElementType.F32, 2000).write(folder, sources());
    assertThat(written).hasSizeGreaterThan(3);
    model.parameters().initialize(12);
    try (SafetensorsFolder weights = SafetensorsFolder.open(folder)) {
      WeightLoader.load(weights, model.parameters());
    }
    weights().forEach((name, values) -> assertThat(values).as(name).isEqualTo(expected.get(name)));
  }

  @Test
  void everythingThatDoesNotFitIsReportedAtOnceAndNothingIsLoaded() throws IOException {
    Map<String, float[]> before = weights();
    List<TensorSource> sources = new ArrayList<>(sources());
    TensorSource missing = sources.remove(0);
    TensorSource misshapen = sources.remove(0);
    sources.add(new TensorSource(misshapen.name(), List.of(1L, 1L, 1L), () -> new float[1]));
    sources.add(new TensorSource("a.stranger", List.of(2L), () -> new float[2]));
    new ShardedSafetensorsWriter(ElementType.F32, 2000).write(folder, sources);
    try (SafetensorsFolder weights = SafetensorsFolder.open(folder)) {
      assertThatThrownBy(() -> WeightLoader.load(weights, model.parameters()))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith(folder + " does not fit the model: ")
          .hasMessageContaining("missing " + missing.name() + " (")
          .hasMessageContaining(
              misshapen.name() + " is [1, 1, 1], the model has " + misshapen.shape())
          .hasMessageContaining("unexpected a.stranger [2]");
    }
    weights().forEach((name, values) -> assertThat(values).as(name).isEqualTo(before.get(name)));
  }

  @Test
  void integersAreRefusedBeforeAnythingIsLoaded() throws IOException {
    TensorSource first = sources().get(0);
    long numBytes = 8L * first.values().read().length;
    String offsets = String.format(Locale.ROOT, "[0,%d]", numBytes);
    String header = "{" + entry(first.name(), "I64", first.shape().toString(), offsets) + "}";
    Files.write(folder.resolve("model.safetensors"), file(header, new byte[(int) numBytes]));
    try (SafetensorsFolder weights = SafetensorsFolder.open(folder)) {
      assertThatThrownBy(() -> WeightLoader.load(weights, model.parameters()))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining(first.name() + " holds I64, not F32, F16 or BF16");
    }
  }
}
