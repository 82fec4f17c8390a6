package io.tokenflex.image;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenflex.image.Goldens.Difference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ImageDecoderGoldenTest {
  private final ImageDecoder decoder = new ImageDecoder(10_000);

  @ParameterizedTest
  @ValueSource(
      strings = {
        "exif6.png",
        "exif6.webp",
        "rgb.png",
        "rgb.bmp",
        "gray.png",
        "bilevel.png",
        "rgba.png",
        "graya.png",
        "rgba.webp",
        "palette.png",
        "palette-transparent.png",
        "lossless.webp",
        "animated.gif",
        "rgb16.png",
        "rgba16.png",
        "gray16.png",
        "gray-transparent.png",
        "rgb-transparent.png",
        "palette-2bit.png",
        "palette-alpha.png",
        "palette.bmp",
        "part.gif",
        "animated.webp"
      })
  void losslessFilesGivePillowsLevels(String name) {
    assertDifferenceAtMost(name, 0);
  }

  @Test
  void lossyWebpGivesPillowsLevelsBecauseBothUseLibwebp() {
    assertDifferenceAtMost("lossy.webp", 0);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "rgb420.jpg",
        "rgb444.jpg",
        "progressive.jpg",
        "gray.jpg",
        "cmyk.jpg",
        "rgb422.jpg",
        "exif1.jpg",
        "exif2.jpg",
        "exif3.jpg",
        "exif4.jpg",
        "exif5.jpg",
        "exif6.jpg",
        "exif7.jpg",
        "exif8.jpg",
        "exif8-gray.jpg"
      })
  void jpegsDifferFromPillowsByRoundingOnly(String name) {
    assertDifferenceAtMost(name, 1);
  }

  private void assertDifferenceAtMost(String name, int limit) {
    Difference difference = difference(name, limit);
    assertThat(difference.max()).as("%s: %s", name, difference).isLessThanOrEqualTo(limit);
  }

  private Difference difference(String name, int limit) {
    RgbImage actual = decoder.decode(Goldens.file("decode-" + name));
    RgbImage expected = decoder.decode(Goldens.file("decode-" + name + ".expected.png"));
    return Difference.between(actual, expected, limit);
  }
}
