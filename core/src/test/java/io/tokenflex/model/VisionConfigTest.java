package io.tokenflex.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class VisionConfigTest {
  private static final VisionConfig SIGLIP = new VisionConfig(16, 32, 3, 2, 30, 7, 1e-6);

  @ParameterizedTest
  @CsvSource({"-1,3", "-2,2", "-3,1", "1,1", "2,2", "3,3"})
  void theFeatureLayerCountsHiddenStates(int featureLayer, int numBuiltLayers) {
    assertThat(SIGLIP.withFeatureLayer(featureLayer).numBuiltLayers()).isEqualTo(numBuiltLayers);
  }

  @Test
  void onlyTheTowersOwnLastHiddenStateIsNormalized() {
    assertThat(SIGLIP.hasPostNorm()).isTrue();
    assertThat(SIGLIP.withFeatureLayer(3).hasPostNorm()).isFalse();
    assertThat(SIGLIP.withFeatureLayer(-2).hasPostNorm()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 4, -4, Integer.MIN_VALUE})
  void aFeatureLayerOutsideTheTowerIsRefused(int featureLayer) {
    assertThatThrownBy(() -> SIGLIP.withFeatureLayer(featureLayer))
        .hasMessage(
            String.format(
                Locale.ROOT,
                "vision.featureLayer is %d; expected -3 to -1 or 1 to 3 with that many layers",
                featureLayer));
  }

  @Test
  void aPatchLargerThanTheImageIsRefused() {
    assertThatThrownBy(() -> SIGLIP.withImageSize(6))
        .hasMessageContaining("vision.patchSize = 7 is larger than vision.imageSize = 6");
  }

  @Test
  void anotherFamilysActivationIsRefused() {
    assertThatThrownBy(
            () -> config(VisionFamily.CLIP, VisionActivation.GELU_TANH, VisionNorm.LAYER_NORM))
        .hasMessageContaining("vision.hiddenAct is GELU_TANH")
        .hasMessageContaining("[QUICK_GELU, GELU]");
  }

  @Test
  void rmsNormIsInternVitsAlone() {
    assertThatThrownBy(() -> config(VisionFamily.CLIP, VisionActivation.GELU, VisionNorm.RMS_NORM))
        .hasMessageContaining("vision.normType = RMS_NORM");
    assertThat(config(VisionFamily.INTERNVIT, VisionActivation.GELU, VisionNorm.RMS_NORM))
        .isNotNull();
  }

  private static VisionConfig config(
      VisionFamily family, VisionActivation hiddenAct, VisionNorm normType) {
    return new VisionConfig(
        family, 16, 32, 3, 2, 30, 7, 1e-6, hiddenAct, normType, true, false, -1);
  }
}
