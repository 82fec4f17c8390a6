package io.tokenflex.image;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenflex.image.Goldens.Difference;
import java.util.Locale;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ResamplerGoldenTest {
  private final ImageDecoder decoder = new ImageDecoder(10_000);

  @ParameterizedTest
  @CsvSource({"64,64", "16,16", "20,41", "37,7", "5,29", "37,29", "1,1", "3,90"})
  void everyLevelEqualsPillows(int width, int height) {
    assertEqualsGolden("resample", width, height);
  }

  /** Higher than the block of rows that is resampled at a time. */
  @ParameterizedTest
  @CsvSource({"16,40", "23,133", "40,200", "7,3"})
  void everyLevelOfATallPictureEqualsPillows(int width, int height) {
    assertEqualsGolden("resample-tall", width, height);
  }

  private void assertEqualsGolden(String name, int width, int height) {
    RgbImage source = decoder.decode(Goldens.file(name + "-source.png"));
    RgbImage expected =
        decoder.decode(
            Goldens.file(String.format(Locale.ROOT, "%s-%dx%d.png", name, width, height)));

    RgbImage actual = Resampler.resample(source, width, height, ResampleFilter.BICUBIC);

    Difference difference = Difference.between(actual, expected, 0);
    assertThat(difference.max()).as("%s", difference).isZero();
  }
}
