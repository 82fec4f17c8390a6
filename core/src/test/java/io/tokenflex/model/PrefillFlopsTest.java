package io.tokenflex.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenflex.testing.TinyRun;
import org.junit.jupiter.api.Test;

class PrefillFlopsTest {
  private final ModelConfig config = TinyRun.model();
  private final PrefillFlops flops = new PrefillFlops(config);

  /** Counted from the shapes of the weights, which the products go through once a row. */
  @Test
  void aPassTakesTwoOperationsAWeightAndRowAndAttentionBesides() {
    LanguageConfig language = config.language();
    long layer =
        TokenFlexModel.parameterSpecs(config).stream()
            .filter(spec -> spec.name().startsWith("language_model.model.layers.0."))
            .filter(spec -> spec.shape().dimension() == 2)
            .mapToLong(spec -> spec.shape().size())
            .sum();
    long projector =
        TokenFlexModel.parameterSpecs(config).stream()
            .filter(spec -> spec.name().startsWith("projector."))
            .filter(spec -> spec.shape().dimension() == 2)
            .mapToLong(spec -> spec.shape().size())
            .sum();
    long width = (long) language.numAttentionHeads() * language.headDim();
    long head = 2L * language.hiddenSize() * language.vocabSize();
    assertThat(flops.atCount(2, 9, 30))
        .isEqualTo(
            2 * 18 * projector
                + language.numHiddenLayers() * (2 * 30 * layer + 2 * 30 * 30 * width)
                + head);
  }

  @Test
  void theTowerDependsOnTheNumberOfTilesAlone() {
    VisionConfig vision = config.vision();
    long perRow =
        TokenFlexModel.parameterSpecs(config).stream()
            .filter(spec -> spec.name().contains("vision_model.encoder.layers.0."))
            .filter(spec -> spec.shape().dimension() == 2)
            .mapToLong(spec -> spec.shape().size())
            .sum();
    long rows = vision.numPatches();
    long pixels = 3L * vision.patchSize() * vision.patchSize();
    assertThat(flops.tower(0)).isZero();
    assertThat(flops.tower(3))
        .isEqualTo(
            3
                * (2 * rows * pixels * vision.hiddenSize()
                    + vision.numBuiltLayers()
                        * (2 * rows * perRow + 4 * rows * rows * vision.hiddenSize())));
  }
}
