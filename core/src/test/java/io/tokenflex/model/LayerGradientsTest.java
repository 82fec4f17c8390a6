package io.tokenflex.model;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.tokenflex.kernels.ComputeType;
import io.tokenflex.kernels.HostArrays;
import io.tokenflex.kernels.KernelLibrary;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The chain rules that layers compute themselves, against PyTorch's autograd. */
class LayerGradientsTest {
  private static final int HIDDEN_SIZE = 12;

  /** Layers with a chain rule of their own, and how many parameters each has. */
  enum Case {
    DECODER(5, 5, 12) {
      @Override
      Layer layer(NDManager manager, KernelLibrary kernels, ComputeType type) {
        LanguageConfig config =
            new LanguageConfig(16, HIDDEN_SIZE, 20, 1, 4, 2, 4, 8, 1e4, 1e-6, true);
        return new DecoderLayer(manager, kernels, config, type, "layer")
            .at(new RotaryTable(manager, kernels, config).upTo(manager, numTokens));
      }
    },
    SIGLIP(4, 4, 16) {
      @Override
      Layer layer(NDManager manager, KernelLibrary kernels, ComputeType type) {
        return vision(manager, kernels, type, VisionFamily.SIGLIP, VisionActivation.GELU_TANH);
      }
    },
    CLIP_WITHOUT_ITS_CLASS_TOKEN(5, 4, 16) {
      @Override
      Layer layer(NDManager manager, KernelLibrary kernels, ComputeType type) {
        return vision(manager, kernels, type, VisionFamily.CLIP, VisionActivation.QUICK_GELU);
      }
    };

    final int numTokens;
    final int numOutputTokens;
    final int numParameters;

    Case(int numTokens, int numOutputTokens, int numParameters) {
      this.numTokens = numTokens;
      this.numOutputTokens = numOutputTokens;
      this.numParameters = numParameters;
    }

    abstract Layer layer(NDManager manager, KernelLibrary kernels, ComputeType type);

    private static Layer vision(
        NDManager manager,
        KernelLibrary kernels,
        ComputeType type,
        VisionFamily family,
        VisionActivation activation) {
      VisionConfig config =
          new VisionConfig(
              family,
              HIDDEN_SIZE,
              20,
              1,
              2,
              4,
              2,
              1e-6,
              activation,
              VisionNorm.LAYER_NORM,
              true,
              false,
              VisionConfig.LAST_LAYER);
      return new VisionTower(manager, kernels, config, type)
          .layers().stream().filter(VisionLayer.class::isInstance).findFirst().orElseThrow();
    }
  }

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
      Case layerCase, ComputeType type, boolean inputNeedsGradient, UnaryOperator<Layer> how) {
    try (NDManager manager = NDManager.newBaseManager("PyTorch");
        KernelLibrary kernels = KernelLibrary.load(manager);
        Tape tape = new Tape(kernels, manager, ActivationPolicy.KEEP)) {
      Layer layer = how.apply(layerCase.layer(manager, kernels, type));
      layer.segment().initialize(7);
      layer.segment().enableTraining();
      Random random = new Random(3);
      NDArray x = normal(manager, random, layerCase.numTokens);
      Map<String, float[]> results = new LinkedHashMap<>();
      results.put("y", tape.apply(layer, x).toFloatArray());
      NDArray dy = normal(manager, random, layerCase.numOutputTokens);
      NDArray dx = tape.backward(dy, inputNeedsGradient, segment -> {});
      if (inputNeedsGradient) {
        results.put("dx", dx.toFloatArray());
      } else {
        assertThat(dx).isNull();
      }
      layer
          .segment()
          .namedGradients()
          .forEach((name, gradient) -> results.put(name, gradient.toFloatArray()));
      return results;
    }
  }

  private static NDArray normal(NDManager manager, Random random, int numTokens) {
    Shape shape = new Shape(2, numTokens, HIDDEN_SIZE);
    float[] values = new float[(int) shape.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return HostArrays.of(manager, values, shape);
  }

  @ParameterizedTest
  @CsvSource({
    "DECODER, FP32, true",
    "DECODER, FP32, false",
    "DECODER, BF16, true",
    "SIGLIP, FP32, true",
    "SIGLIP, FP32, false",
    "SIGLIP, BF16, true",
    "CLIP_WITHOUT_ITS_CLASS_TOKEN, FP32, true",
    "CLIP_WITHOUT_ITS_CLASS_TOKEN, BF16, true"
  })
  void areAutogradsToTheLastBit(Case layerCase, ComputeType type, boolean inputNeedsGradient) {
    Map<String, float[]> expected = pass(layerCase, type, inputNeedsGradient, ByAutograd::new);
    assertThat(expected).hasSize(layerCase.numParameters + (inputNeedsGradient ? 2 : 1));
    Map<String, float[]> actual =
        pass(layerCase, type, inputNeedsGradient, UnaryOperator.identity());
    assertThat(actual.keySet()).isEqualTo(expected.keySet());
    expected.forEach(
        (name, values) -> {
          assertThat(values).as(name).isNotEqualTo(new float[values.length]);
          assertThat(actual.get(name)).as(name).isEqualTo(values);
        });
  }
}
