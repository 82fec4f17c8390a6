package io.tokenflex.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.tokenflex.image.ImageDecodeException.Reason;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.zip.CRC32;
import java.util.zip.DeflaterOutputStream;
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
        "part.gif",
        "lossless.webp",
        "lossy.webp"
      })
  void aFileCutAnywhereIsRefusedAsDamaged(String name) {
    byte[] file = Goldens.file("decode-" + name);
    // An animated GIF may end after its first frame.
    int end = name.equals("animated.gif") ? file.length / 3 : file.length - 4;
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

  @Test
  void sidesOutsideTheLimitsAreRefusedWithBothNumbers() {
    byte[] file = Goldens.file("decode-rgb420.jpg");
    assertRefused(
        file,
        new ImageLimits(10_000, 40, 1, 100),
        Reason.TOO_LARGE,
        "JPEG of 41x30 has a side of 41 pixels; at most 40 are allowed");
    assertRefused(
        file,
        new ImageLimits(10_000, 100, 31, 100),
        Reason.TOO_SMALL,
        "JPEG of 41x30 has a side of 30 pixels; at least 31 are needed");
    assertRefused(
        file,
        new ImageLimits(10_000, 100, 1, 1.25),
        Reason.TOO_ELONGATED,
        "JPEG of 41x30 has an aspect ratio of 1.3666666666666667; at most 1.25 is allowed");
    RgbImage image = new ImageDecoder(new ImageLimits(41 * 30, 41, 30, 1.37)).decode(file);
    assertThat(image.height()).isEqualTo(30);
  }

  /** The scan is damaged, which decoding would find: it must not get that far. */
  @ParameterizedTest
  @ValueSource(strings = {"rgb420.jpg", "rgb.bmp", "animated.gif", "lossy.webp"})
  void limitsAreCheckedBeforeAnyPixelIsDecoded(String name) {
    byte[] file = Goldens.file("decode-" + name);
    Arrays.fill(file, file.length * 4 / 5, file.length - 2, (byte) 0xFF);
    assertRefused(file, new ImageLimits(10_000, 100, 31, 100), Reason.TOO_SMALL, "41x30");
  }

  @Test
  void aDecompressionBombIsRefusedWithoutUnpackingIt() throws IOException {
    byte[] file = pngOf(60_000, 60_000);
    assertThat(file.length).isLessThan(4096);
    com.sun.management.ThreadMXBean threads =
        (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    assertRefused(file, Reason.TOO_LARGE, "PNG of 60000x60000 has 3600000000 pixels");
    long before = threads.getCurrentThreadAllocatedBytes();
    assertRefused(file, Reason.TOO_LARGE, "PNG of 60000x60000 has 3600000000 pixels");
    assertThat(threads.getCurrentThreadAllocatedBytes() - before)
        .as("bytes allocated")
        .isLessThan(1 << 20);
  }

  @Test
  void noLimitAllowsMoreThanAnArrayHolds() throws IOException {
    byte[] file = pngOf(60_000, 60_000);
    assertRefused(
        file, ImageLimits.ofPixels(Long.MAX_VALUE), Reason.TOO_LARGE, "at most 715827879");
  }

  @Test
  void aSmallFrameOnAHugeScreenIsRefusedToo() {
    byte[] file = Goldens.file("decode-part.gif");
    Arrays.fill(file, 6, 10, (byte) 0xFF);
    assertRefused(file, Reason.TOO_LARGE, "GIF of 65535x65535 has 4294836225 pixels");
  }

  /** A PNG with right checksums whose pixels are the first few of all zeroes. */
  private static byte[] pngOf(int width, int height) throws IOException {
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(file);
    out.write(HexFormat.of().parseHex("89504e470d0a1a0a"));
    ByteArrayOutputStream header = new ByteArrayOutputStream();
    DataOutputStream headerOut = new DataOutputStream(header);
    headerOut.writeInt(width);
    headerOut.writeInt(height);
    headerOut.write(new byte[] {8, 2, 0, 0, 0});
    chunk(out, "IHDR", header.toByteArray());
    ByteArrayOutputStream pixels = new ByteArrayOutputStream();
    try (DeflaterOutputStream deflater = new DeflaterOutputStream(pixels)) {
      deflater.write(new byte[2_000_000]);
    }
    chunk(out, "IDAT", pixels.toByteArray());
    chunk(out, "IEND", new byte[0]);
    return file.toByteArray();
  }

  private static void chunk(DataOutputStream out, String kind, byte[] body) throws IOException {
    byte[] name = kind.getBytes(StandardCharsets.US_ASCII);
    CRC32 crc = new CRC32();
    crc.update(name);
    crc.update(body);
    out.writeInt(body.length);
    out.write(name);
    out.write(body);
    out.writeInt((int) crc.getValue());
  }

  private static void assertRefused(
      byte[] file, ImageLimits limits, Reason reason, String message) {
    ImageDecodeException refusal =
        catchThrowableOfType(
            ImageDecodeException.class, () -> new ImageDecoder(limits).decode(file));
    assertThat(refusal).isNotNull().hasMessageContaining(message);
    assertThat(refusal.reason()).isEqualTo(reason);
  }

  private void assertRefused(byte[] file, Reason reason, String message) {
    ImageDecodeException refusal =
        catchThrowableOfType(ImageDecodeException.class, () -> decoder.decode(file));
    assertThat(refusal).isNotNull().hasMessageContaining(message);
    assertThat(refusal.reason()).isEqualTo(reason);
  }
}
