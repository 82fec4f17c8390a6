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
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The chain rule that the decoder layer computes itself, against PyTorch's autograd. */
@Tag("gpu")
class DecoderLayerGradientsTest {
  /** bf16 products, PyTorch's attention, and heads repeated for it. */
  private static final KernelVariant REPEATED = new KernelVariant(false, false, false, false);

  private static final int NUM_PARAMETERS = 12;
  private static final Shape BTD = new Shape(2, 5, 12);

  /** Differentiated by autograd, whatever the layer does itself. */
  private record ByAutograd(Layer layer) implements Layer {
    @Override
    public Segment segment() {
      return layer.segment();
    }

    @Override
    public NDArray forward(NDManager owner, NDArray x) {
      return layer.forward(owner, x);
    }
  }

  /** Output, gradient of the input where one is asked for, and gradients of the parameters. */
  private static Map<String, float[]> pass(
      ComputeType type,
      boolean inputNeedsGradient,
      KernelVariant variant,
      UnaryOperator<Layer> how) {
    LanguageConfig config = new LanguageConfig(16, 12, 20, 1, 4, 2, 4, 8, 1e4, 1e-6, true);
    try (NDManager manager = NDManager.newBaseManager("PyTorch");
        KernelLibrary kernels = KernelLibrary.load(manager, variant);
        Tape tape = new Tape(kernels, manager, ActivationPolicy.KEEP)) {
      DecoderLayer decoder = new DecoderLayer(manager, kernels, config, type, "layer");
      decoder.segment().initialize(7);
      decoder.segment().enableTraining();
      RotaryTable rotary = new RotaryTable(manager, kernels, config, type);
      Layer layer = how.apply(decoder.at(rotary.upTo(manager, (int) BTD.get(1))));
      Random random = new Random(3);
      Map<String, float[]> results = new LinkedHashMap<>();
      results.put("y", tape.apply(layer, LayerPass.normal(manager, random, BTD)).toFloatArray());
      NDArray dx =
          tape.backward(LayerPass.normal(manager, random, BTD), inputNeedsGradient, segment -> {});
      if (inputNeedsGradient) {
        results.put("dx", dx.toFloatArray());
      } else {
        assertThat(dx).isNull();
      }
      decoder
          .segment()
          .namedGradients()
          .forEach((name, gradient) -> results.put(name, gradient.toFloatArray()));
      return results;
    }
  }

  @ParameterizedTest
  @CsvSource({"FP32, true, false", "FP32, false, false", "BF16, true, false", "BF16, true, true"})
  void areAutogradsToTheLastBit(ComputeType type, boolean inputNeedsGradient, boolean widens) {
    KernelVariant variant = new KernelVariant(widens, false, false, false);
    Map<String, float[]> expected = pass(type, inputNeedsGradient, variant, ByAutograd::new);
    assertThat(expected).hasSize(NUM_PARAMETERS + (inputNeedsGradient ? 2 : 1));
    Map<String, float[]> actual = pass(type, inputNeedsGradient, variant, UnaryOperator.identity());
    assertThat(actual.keySet()).isEqualTo(expected.keySet());
    expected.forEach(
        (name, values) -> {
          assertThat(values).as(name).isNotEqualTo(new float[values.length]);
          assertThat(actual.get(name)).as(name).isEqualTo(values);
        });
  }

  @Test
  void ofAttentionByProductsAreNoWorseThanOfFusedAttention() {
    areNoFurtherFromFp32(KernelVariant.BF16_PROCESSOR);
    Map<String, float[]> products =
        pass(ComputeType.BF16, true, KernelVariant.BF16_PROCESSOR, UnaryOperator.identity());
    pass(ComputeType.BF16, false, KernelVariant.BF16_PROCESSOR, UnaryOperator.identity())
        .forEach((name, values) -> assertThat(values).as(name).isEqualTo(products.get(name)));
  }

  @Test
  void ofHeadsInGroupsAreNoWorseThanOfRepeatedHeads() {
    areNoFurtherFromFp32(KernelVariant.GPU);
    Map<String, float[]> fp32 = pass(ComputeType.FP32, true, REPEATED, UnaryOperator.identity());
    pass(ComputeType.FP32, true, KernelVariant.GPU, UnaryOperator.identity())
        .forEach((name, values) -> assertThat(values).as(name).isEqualTo(fp32.get(name)));
  }

  /** Than PyTorch's attention in bf16, with heads repeated. */
  private static void areNoFurtherFromFp32(KernelVariant variant) {
    Map<String, float[]> exact = pass(ComputeType.FP32, true, REPEATED, UnaryOperator.identity());
    Map<String, float[]> fused = pass(ComputeType.BF16, true, REPEATED, UnaryOperator.identity());
    Map<String, float[]> others = pass(ComputeType.BF16, true, variant, UnaryOperator.identity());
    assertThat(others.keySet()).isEqualTo(exact.keySet());
    float[] all = LayerPass.together(exact);
    assertThat(LayerPass.distance(LayerPass.together(others), all))
        .isLessThan(1.5 * LayerPass.distance(LayerPass.together(fused), all))
        .isNotEqualTo(LayerPass.distance(LayerPass.together(fused), all));
    exact.forEach(
        (name, values) ->
            assertThat(LayerPass.distance(others.get(name), values))
                .as(name)
                .isLessThan(3 * LayerPass.distance(fused.get(name), values)));
  }
}
