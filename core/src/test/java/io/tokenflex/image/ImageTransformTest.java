package io.tokenflex.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

class ImageTransformTest {
  /** One red and one dark blue pixel. */
  private static final RgbImage TWO_PIXELS =
      new RgbImage(2, 1, new byte[] {(byte) 255, 0, 0, 0, 0, 51});

  @Test
  void siglipMapsLevelsToMinusOneToOneChannelAfterChannel() {
    float[] pixelValues = new float[14];
    ImageTransform.siglip(2).apply(TWO_PIXELS, pixelValues, 1);
    assertThat(pixelValues)
        .containsExactly(0, 1, -1, 1, -1, -1, -1, -1, -1, -1, -0.6f, -1, -0.6f, 0);
  }

  @Test
  void meanAndDeviationAreTakenPerChannel() {
    ImageTransform transform =
        ImageTransform.square(1, List.of(0f, 0.25f, 0.5f), List.of(1f, 0.5f, 2f));
    float[] pixelValues = new float[3];
    transform.apply(new RgbImage(1, 1, new byte[] {51, 51, 51}), pixelValues, 0);
    assertThat(pixelValues).containsExactly(new float[] {0.2f, -0.1f, -0.15f}, within(1e-6f));
  }

  @Test
  void aShortArrayIsRefused() {
    assertThatThrownBy(() -> ImageTransform.siglip(2).apply(TWO_PIXELS, new float[12], 1))
        .hasMessage("An array of 12 floats has no room for 12 at 1");
  }

  @Test
  void aZeroDeviationIsRefused() {
    assertThatThrownBy(() -> ImageTransform.square(2, List.of(0f, 0f, 0f), List.of(1f, 0f, 1f)))
        .hasMessageContaining("all three must be above 0");
  }
}
