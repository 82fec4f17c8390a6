package io.tokenflex.model;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.tokenflex.kernels.ComputeType;
import io.tokenflex.testing.Losses;
import io.tokenflex.testing.TinyRun;
import java.io.IOException;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A whole model around a tower of every family, from scratch. */
class VisionFamiliesTrainTest {
  static ModelConfig model(VisionFamily family) {
    boolean intern = family == VisionFamily.INTERNVIT;
    return new ModelConfig(
        new VisionConfig(
            family,
            16,
            32,
            3,
            2,
            16,
            4,
            1e-6,
            family.activations().get(0),
            intern ? VisionNorm.RMS_NORM : VisionNorm.LAYER_NORM,
            !intern,
            intern,
            -2),
        TinyRun.model().projector(),
        TinyRun.model().language());
  }

  private static Map<String, float[]> gradients(VisionFamily family, ActivationPolicy policy)
      throws IOException {
    try (NDManager manager = NDManager.newBaseManager("PyTorch");
        TokenFlexModel model = TokenFlexModel.create(manager, model(family), ComputeType.FP32)) {
      model.parameters().initialize(TinyRun.SEED);
      model.parameters().segments().forEach(Segment::enableTraining);
      Losses.addGradients(model, GradientsTest.batch(), policy, segment -> {});
      Map<String, float[]> gradients = new TreeMap<>();
      model
          .parameters()
          .namedGradients()
          .forEach((name, gradient) -> gradients.put(name, gradient.toFloatArray()));
      return gradients;
    }
  }

  @ParameterizedTest
  @EnumSource
  void everyParameterIsReachedAndRecomputingGivesTheSameBits(VisionFamily family)
      throws IOException {
    Map<String, float[]> kept = gradients(family, ActivationPolicy.KEEP);
    Map<String, float[]> recomputed = gradients(family, ActivationPolicy.RECOMPUTE);
    assertThat(kept).containsKey("vision_model.encoder.layers.1.mlp.fc2.weight");
    assertThat(kept).doesNotContainKey("vision_model.encoder.layers.2.mlp.fc2.weight");
    assertThat(recomputed.keySet()).isEqualTo(kept.keySet());
    kept.forEach(
        (name, values) -> {
          assertThat(values).as(name).isNotEqualTo(new float[values.length]);
          assertThat(recomputed.get(name)).as(name).isEqualTo(values);
        });
  }

  @Test
  void theClassTokenStartsOffTheGrid() {
    float[] positions = new Initialization.SinCosGrid(1, 2, 3).values(new Shape(5, 8), null);
    float[] withoutToken = new Initialization.SinCosGrid(0, 2, 3).values(new Shape(4, 8), null);
    assertThat(Arrays.copyOf(positions, 8)).containsOnly(0);
    assertThat(Arrays.copyOfRange(positions, 8, 40)).isEqualTo(withoutToken);
  }
}
