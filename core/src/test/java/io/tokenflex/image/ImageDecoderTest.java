package io.tokenflex.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.tokenflex.image.ImageDecodeException.Reason;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ImageDecoderTest {
  private final ImageDecoder decoder = new ImageDecoder(10_000);

  @ParameterizedTest
  @ValueSource(
      strings = {
        "rgb420.jpg",
        "progressive.jpg",
        "gray.jpg",
        "cmyk.jpg",
        "rgb.png",
        "palette.png",
        "rgb16.png",
        "rgb.bmp",
        "animated.gif",
        "lossless.webp",
        "lossy.webp"
      })
  void aFileCutAnywhereIsRefusedAsDamaged(String name) {
    byte[] file = Goldens.file("decode-" + name);
    // An animated GIF may end after its first frame.
    int end = name.endsWith(".gif") ? file.length / 3 : file.length - 4;
    for (int length = 16; length < end; length += Math.max(1, file.length / 60)) {
      byte[] cut = Arrays.copyOf(file, length);
      ImageDecodeException refusal =
          catchThrowableOfType(ImageDecodeException.class, () -> decoder.decode(cut));
      assertThat(refusal).as("%s cut to %d of %d bytes", name, length, file.length).isNotNull();
      assertThat(refusal.reason())
          .as("%s cut to %d of %d bytes: %s", name, length, file.length, refusal.getMessage())
          .isEqualTo(Reason.DAMAGED);
    }
  }

  @Test
  void anAlteredPngIsRefused() {
    byte[] file = Goldens.file("decode-rgb.png");
    file[file.length / 2] ^= 1;
    assertRefused(file, Reason.DAMAGED, "does not match its checksum");
  }

  @Test
  void aJpegWithZeroesInItsScanIsRefused() {
    byte[] file = Goldens.file("decode-rgb444.jpg");
    Arrays.fill(file, file.length / 2, file.length / 2 + 200, (byte) 0xFF);
    assertRefused(file, Reason.DAMAGED, "incomplete or altered");
  }

  @Test
  void aWebPageIsNotAnImage() {
    byte[] page = "<html>404 Not Found</html>".getBytes(StandardCharsets.UTF_8);
    assertRefused(page, Reason.NOT_AN_IMAGE, "26 bytes starting with '<html>404 Not Found</htm'");
  }

  @Test
  void noBytesAreNotAnImage() {
    assertRefused(new byte[0], Reason.NOT_AN_IMAGE, "0 bytes");
  }

  @Test
  void aHugePictureIsRefusedFromItsHeader() {
    byte[] file = Goldens.file("decode-rgb.png");
    assertThatThrownBy(() -> new ImageDecoder(41 * 30 - 1).decode(file))
        .hasMessage("PNG of 41x30 has 1230 pixels; at most 1229 are allowed");
    assertThat(new ImageDecoder(41 * 30).decode(file).width()).isEqualTo(41);
  }

  private void assertRefused(byte[] file, Reason reason, String message) {
    ImageDecodeException refusal =
        catchThrowableOfType(ImageDecodeException.class, () -> decoder.decode(file));
    assertThat(refusal).isNotNull().hasMessageContaining(message);
    assertThat(refusal.reason()).isEqualTo(reason);
  }
}
