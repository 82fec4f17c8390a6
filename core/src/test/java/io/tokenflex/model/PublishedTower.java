package io.tokenflex.model;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.tokenflex.Golden;
import io.tokenflex.convert.PretrainedVisionConfig;
import io.tokenflex.kernels.ComputeType;
import io.tokenflex.kernels.KernelLibrary;
import io.tokenflex.names.NameTable;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A tower filled from a golden's published tensors, by the family's own config and names. */
final class PublishedTower implements AutoCloseable {
  final Golden golden;
  final VisionConfig config;
  final NameTable names;
  final NDManager manager = NDManager.newBaseManager("PyTorch");
  final KernelLibrary kernels = KernelLibrary.load(manager);
  final List<Layer> layers;
  final ParameterArena arena;

  PublishedTower(String name, ComputeType type) {
    golden = Golden.load("vision/" + name);
    var json = golden.config().get("config");
    config =
        PretrainedVisionConfig.read(json, name)
            .withFeatureLayer(golden.config().get("feature_layer").intValue());
    names = PretrainedVisionConfig.format(json, name).names(config);
    layers = new VisionTower(manager, kernels, config, type).layers();
    arena = new ParameterArena(layers.stream().map(Layer::segment).toList());
    imported(golden.below("published.")).forEach(arena::set);
  }

  /** Tensors with published names as tensors with ours. */
  Map<String, float[]> imported(Map<String, float[]> published) {
    Map<String, float[]> ours = new LinkedHashMap<>();
    published.forEach(
        (name, values) -> {
          NameTable.Row row = names.find(name).orElseThrow();
          int part = values.length / Math.max(1, row.ours().size());
          for (int i = 0; i < row.ours().size(); i++) {
            float[] window = new float[part];
            System.arraycopy(values, i * part, window, 0, part);
            assertThat(ours.put(row.ours().get(i), window)).as(row.ours().get(i)).isNull();
          }
        });
    return ours;
  }

  /** Runs every layer without recording. */
  NDArray features() {
    NDArray x = golden.array(manager, "inputs.pixel_values");
    for (Layer layer : layers) {
      x = layer.forward(manager, x);
    }
    return x;
  }

  @Override
  public void close() {
    kernels.close();
    manager.close();
  }
}
