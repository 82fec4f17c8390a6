package io.tokenflex.image;

import static io.tokenflex.image.FileBytes.uint8;

import io.tokenflex.image.ImageDecodeException.Reason;
import java.util.Locale;

/** Decodes RLE4 and RLE8 data of a BMP file into palette indices, in stored row order. */
final class BmpRuns {
  private static final int END_OF_LINE = 0;
  private static final int END_OF_BITMAP = 1;
  private static final int DELTA = 2;

  private final byte[] file;
  private final int width;
  private final boolean isHalfBytes;
  private final byte[] indices;
  private int at;
  private int count;
  private int column;

  /**
   * Creates a decoder.
   *
   * @param isHalfBytes true for RLE4, false for RLE8
   */
  BmpRuns(byte[] file, int from, int width, int height, boolean isHalfBytes) {
    this.file = file;
    this.at = from;
    this.width = width;
    this.isHalfBytes = isHalfBytes;
    this.indices = new byte[width * height];
  }

  /**
   * Decodes all rows. Skipped pixels have index 0; as in Pillow, the end of the last row may be
   * missing.
   *
   * @throws ImageDecodeException if other pixels are missing
   */
  byte[] indices() {
    boolean goesOn = true;
    while (goesOn && count < indices.length && at + 2 <= file.length) {
      int length = uint8(file, at);
      int value = uint8(file, at + 1);
      at += 2;
      if (length > 0) {
        run(length, value);
      } else {
        goesOn =
            switch (value) {
              case END_OF_LINE -> endLine();
              case END_OF_BITMAP -> false;
              case DELTA -> delta();
              default -> literal(value);
            };
      }
    }
    if (count < indices.length) {
      throw new ImageDecodeException(
          Reason.DAMAGED,
          String.format(
              Locale.ROOT,
              "BMP runs end after %d of %d pixels at byte %d; fetch it again",
              count,
              indices.length,
              at));
    }
    return indices;
  }

  private void run(int length, int value) {
    int inRow = Math.min(length, Math.max(0, width - column));
    for (int i = 0; i < inRow; i++) {
      put(isHalfBytes ? (i % 2 == 0 ? value >> 4 : value & 15) : value);
    }
    column += inRow;
  }

  private boolean endLine() {
    while (count % width != 0) {
      put(0);
    }
    column = 0;
    return true;
  }

  private boolean delta() {
    if (at + 2 > file.length) {
      return false;
    }
    long skipped = uint8(file, at) + (long) uint8(file, at + 1) * width;
    at += 2;
    count = (int) Math.min(indices.length, count + skipped);
    column = count % width;
    return true;
  }

  private boolean literal(int length) {
    int numPixels = Math.min(indices.length - count, length);
    int numBytes = isHalfBytes ? (numPixels + 1) / 2 : numPixels;
    if (at + numBytes > file.length) {
      return false;
    }
    for (int i = 0; i < numPixels; i++) {
      put(isHalfBytes ? uint8(file, at + i / 2) >> (i % 2 == 0 ? 4 : 0) & 15 : uint8(file, at + i));
    }
    at += numBytes;
    column += length;
    at += at % 2; // runs are aligned to two bytes
    return true;
  }

  private void put(int index) {
    if (count < indices.length) {
      indices[count] = (byte) index;
    }
    count++;
  }
}
