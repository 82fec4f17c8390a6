package io.tokenflex.model;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.tokenflex.kernels.ComputeType;
import io.tokenflex.kernels.KernelLibrary;
import io.tokenflex.kernels.KernelVariant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Layers of the tower whose graph is cut at the attention, against those of one graph. */
class VisionLayerGradientsTest {
  private static final Shape ITD = new Shape(2, 17, 16);

  private static Map<String, float[]> pass(
      VisionFamily family, ComputeType type, boolean byProducts) {
    try (NDManager manager = NDManager.newBaseManager("PyTorch");
        KernelLibrary kernels =
            KernelLibrary.load(manager, new KernelVariant(false, byProducts, false, false));
        Tape tape = new Tape(kernels, manager, ActivationPolicy.KEEP)) {
      VisionTower tower =
          new VisionTower(manager, kernels, VisionFamiliesTrainTest.model(family).vision(), type);
      Map<String, float[]> results = new LinkedHashMap<>();
      Random random = new Random(3);
      NDArray x = LayerPass.normal(manager, random, ITD);
      for (Layer layer : tower.layers()) {
        if (layer.segment().name().contains("encoder.layers")) {
          layer.segment().initialize(7);
          layer.segment().enableTraining();
          x = tape.apply(layer, x);
        }
      }
      results.put("y", x.toFloatArray());
      NDArray dy = LayerPass.normal(manager, random, x.getShape());
      results.put("dx", tape.backward(dy, true, segment -> {}).toFloatArray());
      for (Layer layer : tower.layers()) {
        if (layer.segment().trains()) {
          layer
              .segment()
              .namedGradients()
              .forEach((name, gradient) -> results.put(name, gradient.toFloatArray()));
        }
      }
      return results;
    }
  }

  /**
   * Beside fp32, the gradients are about as far away as those with PyTorch's attention in bf16, and
   * in fp32 nothing is cut.
   */
  @ParameterizedTest
  @EnumSource
  void ofAttentionByProductsAreNoWorseThanOfFusedAttention(VisionFamily family) {
    Map<String, float[]> exact = pass(family, ComputeType.FP32, false);
    Map<String, float[]> fused = pass(family, ComputeType.BF16, false);
    Map<String, float[]> products = pass(family, ComputeType.BF16, true);
    assertThat(products.keySet()).isEqualTo(exact.keySet());
    float[] all = LayerPass.together(exact);
    assertThat(LayerPass.distance(LayerPass.together(products), all))
        .isLessThan(1.5 * LayerPass.distance(LayerPass.together(fused), all));
    exact.keySet().removeIf(name -> name.endsWith("k_proj.bias")); // softmax ignores it: noise
    exact.forEach(
        (name, values) ->
            assertThat(LayerPass.distance(products.get(name), values))
                .as(name)
                .isLessThan(3 * LayerPass.distance(fused.get(name), values)));
    Map<String, float[]> uncut = pass(family, ComputeType.FP32, true);
    exact.forEach((name, values) -> assertThat(uncut.get(name)).as(name).isEqualTo(values));
  }
}
