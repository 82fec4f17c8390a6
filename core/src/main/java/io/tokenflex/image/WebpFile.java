package io.tokenflex.image;

import static io.tokenflex.image.FileBytes.uint24LittleEndian;
import static io.tokenflex.image.FileBytes.uint32LittleEndian;
import static io.tokenflex.image.FileBytes.uint8;

import io.tokenflex.image.ImageDecodeException.Reason;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * Facts from a WebP container, parsed as libwebp's demuxer does.
 *
 * @param first the first frame of an animation; empty for a still image
 * @param orientation EXIF orientation, see {@link OrientationTag}
 */
record WebpFile(Optional<Frame> first, int orientation) {
  private static final int RIFF_HEADER_BYTES = 12;
  private static final int CHUNK_HEADER_BYTES = 8;
  private static final int FRAME_HEADER_BYTES = 16;
  private static final int HAS_EXIF = 8;
  private static final int HAS_XMP = 4;

  /**
   * A frame and its position on the canvas.
   *
   * @param canvasWidth canvas width in pixels
   * @param canvasHeight canvas height in pixels
   * @param file the frame as a still WebP file
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared as a record
  record Frame(int canvasWidth, int canvasHeight, int left, int top, byte[] file) {
    /** Draws the decoded frame on the canvas, which is black as in libwebp. */
    RgbImage place(RgbImage frame) {
      if (left + frame.width() > canvasWidth || top + frame.height() > canvasHeight) {
        throw new ImageDecodeException(
            Reason.DAMAGED,
            String.format(
                Locale.ROOT,
                "WebP of %dx%d has a first frame of %dx%d at (%d, %d)",
                canvasWidth,
                canvasHeight,
                frame.width(),
                frame.height(),
                left,
                top));
      }
      return Canvas.place(frame, canvasWidth, canvasHeight, left, top, 0);
    }
  }

  /**
   * Parses the chunks.
   *
   * @throws ImageDecodeException if the file is truncated
   */
  static WebpFile of(byte[] file) {
    try {
      return new Walk(file).webp();
    } catch (IndexOutOfBoundsException e) {
      throw new ImageDecodeException(
          Reason.DAMAGED, "WebP ends within its header after " + file.length + " bytes", e);
    }
  }

  private static final class Walk {
    private final byte[] file;
    private final long end;

    Walk(byte[] file) {
      this.file = file;
      this.end = CHUNK_HEADER_BYTES + uint32LittleEndian(file, 4);
    }

    WebpFile webp() {
      if (end > file.length) {
        throw new ImageDecodeException(
            Reason.DAMAGED,
            String.format(
                Locale.ROOT,
                "WebP should have %d bytes but has %d; fetch it again",
                end,
                file.length));
      }
      boolean isExtended = ImageFormat.startsWith(file, RIFF_HEADER_BYTES, "VP8X");
      if (!isExtended) {
        return new WebpFile(Optional.empty(), Orientation.UPRIGHT);
      }
      int flags = uint8(file, RIFF_HEADER_BYTES + CHUNK_HEADER_BYTES);
      int sizeAt = RIFF_HEADER_BYTES + CHUNK_HEADER_BYTES + 4;
      Optional<byte[]> exif = Optional.empty();
      Optional<byte[]> xmp = Optional.empty();
      Optional<Frame> first = Optional.empty();
      boolean isAnimated = false;
      for (long at = RIFF_HEADER_BYTES; at + CHUNK_HEADER_BYTES <= end; at = next(at)) {
        switch (kind(at)) {
          case "EXIF" -> exif = exif.or(bodyIf((flags & HAS_EXIF) != 0, at));
          case "XMP " -> xmp = xmp.or(bodyIf((flags & HAS_XMP) != 0, at));
          case "ANIM" -> isAnimated = true;
          case "ANMF" -> {
            if (first.isEmpty()) {
              first = Optional.of(frame((int) at + CHUNK_HEADER_BYTES, next(at), sizeAt));
            }
          }
          default -> {}
        }
      }
      if (isAnimated && first.isEmpty()) {
        throw new ImageDecodeException(
            Reason.DAMAGED, "WebP of " + file.length + " bytes is an animation without a frame");
      }
      return new WebpFile(isAnimated ? first : Optional.empty(), OrientationTag.of(exif, xmp));
    }

    private java.util.function.Supplier<Optional<byte[]>> bodyIf(boolean isAnnounced, long at) {
      return () -> {
        int from = (int) at + CHUNK_HEADER_BYTES;
        long to = from + uint32LittleEndian(file, (int) at + 4);
        return isAnnounced && to <= end && to > from
            ? Optional.of(Arrays.copyOfRange(file, from, (int) to))
            : Optional.empty();
      };
    }

    private Frame frame(int at, long frameEnd, int sizeAt) {
      long chunk = (long) at + FRAME_HEADER_BYTES;
      while (chunk + CHUNK_HEADER_BYTES <= Math.min(frameEnd, end)) {
        String kind = kind(chunk);
        if (kind.equals("VP8 ") || kind.equals("VP8L")) {
          return new Frame(
              uint24LittleEndian(file, sizeAt) + 1,
              uint24LittleEndian(file, sizeAt + 3) + 1,
              2 * uint24LittleEndian(file, at),
              2 * uint24LittleEndian(file, at + 3),
              still((int) chunk, next(chunk)));
        }
        chunk = next(chunk);
      }
      throw new ImageDecodeException(
          Reason.DAMAGED, "WebP of " + file.length + " bytes has a first frame without a picture");
    }

    /** A WebP file with one image chunk; a separate alpha chunk is dropped. */
    private byte[] still(int from, long to) {
      if (to > end) {
        throw new ImageDecodeException(
            Reason.DAMAGED,
            String.format(
                Locale.ROOT, "WebP chunk at byte %d should end at byte %d of %d", from, to, end));
      }
      int length = (int) to - from;
      return ByteBuffer.allocate(RIFF_HEADER_BYTES + length)
          .order(ByteOrder.LITTLE_ENDIAN)
          .put("RIFF".getBytes(StandardCharsets.US_ASCII))
          .putInt(4 + length)
          .put("WEBP".getBytes(StandardCharsets.US_ASCII))
          .put(file, from, length)
          .array();
    }

    private String kind(long at) {
      return new String(file, (int) at, 4, StandardCharsets.ISO_8859_1);
    }

    private long next(long at) {
      long length = uint32LittleEndian(file, (int) at + 4);
      return at + CHUNK_HEADER_BYTES + length + (length & 1);
    }
  }
}
