package io.tokenflex.image;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenflex.image.Goldens.Difference;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BicubicResamplerGoldenTest {
  private final ImageDecoder decoder = new ImageDecoder(10_000);

  @ParameterizedTest
  @CsvSource({"64,64", "16,16", "20,41", "37,7", "5,29", "37,29", "1,1", "3,90"})
  void everyLevelEqualsPillows(int width, int height) {
    RgbImage source = decoder.decode(Goldens.file("resample-source.png"));
    RgbImage expected = decoder.decode(Goldens.file("resample-%dx%d.png".formatted(width, height)));

    RgbImage actual = BicubicResampler.resample(source, width, height);

    Difference difference = Difference.between(actual, expected, 0);
    assertThat(difference.max()).as("%s", difference).isZero();
  }
}
