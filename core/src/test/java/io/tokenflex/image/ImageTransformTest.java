package io.tokenflex.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class ImageTransformTest {
  /** One red and one dark blue pixel. */
  private static final RgbImage TWO_PIXELS =
      new RgbImage(2, 1, new byte[] {(byte) 255, 0, 0, 0, 0, 51});

  @Test
  void siglipMapsLevelsToMinusOneToOneChannelAfterChannel() {
    byte[] levels = new byte[14];
    Arrays.fill(levels, (byte) 9);
    ImageTransform.siglip(2).apply(TWO_PIXELS, levels, 1);
    assertThat(levels).containsExactly(9, -1, 0, -1, 0, 0, 0, 0, 0, 0, 51, 0, 51, 9);
    assertThat(LevelNormalization.SIGLIP.apply(Arrays.copyOfRange(levels, 1, 13), 4))
        .containsExactly(1, -1, 1, -1, -1, -1, -1, -1, -1, -0.6f, -1, -0.6f);
  }

  @Test
  void meanAndDeviationAreTakenPerChannel() {
    ImageTransform transform =
        ImageTransform.square(1, List.of(0f, 0.25f, 0.5f), List.of(1f, 0.5f, 2f));
    byte[] levels = new byte[3];
    transform.apply(new RgbImage(1, 1, new byte[] {51, 51, 51}), levels, 0);
    assertThat(transform.normalization().apply(levels, 1))
        .containsExactly(new float[] {0.2f, -0.1f, -0.15f}, within(1e-6f));
  }

  @Test
  void aShortArrayIsRefused() {
    assertThatThrownBy(() -> ImageTransform.siglip(2).apply(TWO_PIXELS, new byte[12], 1))
        .hasMessage("An array of 12 bytes has no room for 12 at 1");
  }

  @Test
  void aZeroDeviationIsRefused() {
    assertThatThrownBy(() -> ImageTransform.square(2, List.of(0f, 0f, 0f), List.of(1f, 0f, 1f)))
        .hasMessageContaining("all three must be above 0");
  }
}
