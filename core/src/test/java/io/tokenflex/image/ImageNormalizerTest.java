package io.tokenflex.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tokenflex.image.Goldens.Difference;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ImageNormalizerTest {
  private final ImageDecoder decoder = new ImageDecoder(1_000_000);

  @ParameterizedTest
  @CsvSource({
    "133x57,64",
    "57x133,64",
    "101x101,48",
    "100x67,51",
    "67x100,50",
    "300x2,64",
    "2x300,64"
  })
  void reducedPngsEqualPillowsThumbnails(String size, int maxSide) {
    byte[] file = Goldens.file("thumbnail-%s.png".formatted(size));
    RgbImage expected =
        decoder.decode(
            Goldens.file(String.format(Locale.ROOT, "thumbnail-%s-%d.png", size, maxSide)));

    NormalizedImage actual = normalize(file, maxSide, 90);

    Difference difference = Difference.between(decoder.decode(actual.bytes()), expected, 0);
    assertThat(difference.max()).as("%s", difference).isZero();
    assertThat(actual.width()).isEqualTo(expected.width());
    assertThat(actual.height()).isEqualTo(expected.height());
  }

  @ParameterizedTest
  @ValueSource(strings = {"rgb420.jpg", "exif6.jpg", "rgba.png", "animated.gif", "lossy.webp"})
  void aPictureWithinTheLimitKeepsItsBytes(String name) {
    byte[] file = Goldens.file("decode-" + name);
    RgbImage decoded = decoder.decode(file);

    for (int maxSide : new int[] {41, 1000, 0}) {
      NormalizedImage stored = normalize(file, maxSide, 90);
      assertThat(stored.bytes()).as("%s with maxSide %d", name, maxSide).isSameAs(file);
      assertThat(stored.width()).isEqualTo(decoded.width());
      assertThat(stored.height()).isEqualTo(decoded.height());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "rgb420.jpg,JPEG",
    "gray.jpg,JPEG",
    "cmyk.jpg,JPEG",
    "lossy.webp,JPEG",
    "lossless.webp,JPEG",
    "rgba.png,PNG",
    "gray16.png,PNG",
    "rgb.bmp,PNG",
    "animated.gif,PNG"
  })
  void losslessFilesStayLosslessAndTheOthersBecomeJpeg(String name, ImageFormat format) {
    assertThat(ImageFormat.of(normalize(Goldens.file("decode-" + name), 40, 90).bytes()))
        .isEqualTo(format);
  }

  @Test
  void anEncodedFileIsUprightWithoutExif() {
    byte[] file = Goldens.file("decode-exif6.jpg");
    NormalizedImage stored = normalize(file, 20, 95);

    assertThat(stored.height()).isEqualTo(20);
    assertThat(JpegFile.of(stored.bytes()).orientation()).isEqualTo(Orientation.UPRIGHT);
    RgbImage expected =
        Resampler.resample(decoder.decode(file), stored.width(), 20, ResampleFilter.BICUBIC);
    Difference difference = Difference.between(decoder.decode(stored.bytes()), expected, 255);
    assertThat(difference.mean()).as("%s", difference).isLessThan(20);
  }

  /** Frame header: 8 bits, then height, width, 3 components, and luma sampled 2x2. */
  @Test
  void jpegsHaveChromaOfHalfTheSize() {
    byte[] bytes = normalize(Goldens.file("decode-rgb444.jpg"), 20, 90).bytes();
    for (int i = 0; i < bytes.length; i++) {
      if (bytes[i] == (byte) 0xFF && bytes[i + 1] == (byte) 0xC0) {
        assertThat(bytes[i + 9]).isEqualTo((byte) 3);
        assertThat(bytes[i + 11]).isEqualTo((byte) 0x22);
        assertThat(bytes[i + 14]).isEqualTo((byte) 0x11);
        return;
      }
    }
    throw new AssertionError("No baseline frame header");
  }

  @ParameterizedTest
  @ValueSource(strings = {"rgb420.jpg", "rgb.png"})
  void equalInputsGiveEqualBytes(String name) {
    byte[] file = Goldens.file("decode-" + name);
    assertThat(normalize(file, 30, 80).bytes()).isEqualTo(normalize(file, 30, 80).bytes());
  }

  @Test
  void lowerQualityMakesSmallerFiles() {
    byte[] file = Goldens.file("decode-rgb420.jpg");
    assertThat(normalize(file, 40, 30).bytes().length)
        .isLessThan(normalize(file, 40, 95).bytes().length);
  }

  @Test
  void impossibleSettingsAreRefused() {
    assertThatThrownBy(() -> new ImageNormalization(-1, 90))
        .hasMessage("maxSide is -1; expected 0 (never resize) or more");
    assertThatThrownBy(() -> new ImageNormalization(448, 101))
        .hasMessage("jpegQuality is 101; expected 1 to 100");
  }

  private NormalizedImage normalize(byte[] file, int maxSide, int jpegQuality) {
    return new ImageNormalizer(new ImageNormalization(maxSide, jpegQuality))
        .normalize(file, decoder.decode(file));
  }
}
