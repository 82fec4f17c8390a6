package io.tokenflex.image;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class ImageLimitsTest {
  @Test
  void impossibleLimitsAreRefused() {
    assertThatThrownBy(() -> ImageLimits.ofPixels(0))
        .hasMessage("maxPixels is 0; expected at least 1");
    assertThatThrownBy(() -> new ImageLimits(1, 1, 0, 1))
        .hasMessage("minSide is 0; expected at least 1");
    assertThatThrownBy(() -> new ImageLimits(1, 9, 10, 1))
        .hasMessage("maxSide is 9; expected at least minSide, which is 10");
    assertThatThrownBy(() -> new ImageLimits(1, 1, 1, Double.NaN))
        .hasMessage("maxAspectRatio is NaN; expected at least 1");
  }
}
