package io.tokenflex.image;

import static io.tokenflex.image.FileBytes.uint16LittleEndian;
import static io.tokenflex.image.FileBytes.uint32LittleEndian;
import static io.tokenflex.image.FileBytes.uint8;

import io.tokenflex.image.ImageDecodeException.Reason;
import java.util.Arrays;
import java.util.Locale;

/**
 * Decodes BMP files (Windows versions 2 to 5 and OS/2) to the pixels that Pillow gives: palette
 * indices, bit masks, bottom-up and top-down rows, RLE4 and RLE8. Levels of fewer than eight bits
 * are scaled to 0..255 and alpha is dropped. Data that end before the last pixel count as damaged.
 * Unlike Pillow, any bit masks are accepted.
 */
final class BmpDecoder {
  private static final int FILE_HEADER_BYTES = 14;
  private static final int CORE_HEADER_BYTES = 12;
  private static final int INFO_HEADER_BYTES = 40;

  /** Sizes of headers that include three and four bit masks. */
  private static final int MASKS_HEADER_BYTES = 52;

  private static final int ALPHA_HEADER_BYTES = 56;
  private static final int RAW = 0;
  private static final int RLE8 = 1;
  private static final int RLE4 = 2;
  private static final int BIT_FIELDS = 3;
  private static final long[] MASKS_555 = {0x7C00, 0x3E0, 0x1F};
  private static final long[] MASKS_888 = {0xFF0000, 0xFF00, 0xFF};

  private final byte[] file;
  private int width;
  private int height;
  private boolean isFromTop;
  private int bits;
  private long compression;
  private int[] palette = {};
  private long[] masks = MASKS_888;
  private int pixelsAt;

  private BmpDecoder(byte[] file) {
    this.file = file;
  }

  /**
   * Decodes a file.
   *
   * @throws ImageDecodeException if it is damaged, outside the limits, or of a variant that Pillow
   *     rejects too
   */
  static RgbImage decode(byte[] file, ImageLimits limits) {
    BmpDecoder bmp = new BmpDecoder(file);
    try {
      bmp.readHeader(limits);
      return new RgbImage(bmp.width, bmp.height, bmp.pixels());
    } catch (IndexOutOfBoundsException e) {
      throw new ImageDecodeException(
          Reason.DAMAGED,
          "BMP ends before its last pixel after " + file.length + " bytes; fetch it again",
          e);
    }
  }

  private void readHeader(ImageLimits limits) {
    int headerBytes = (int) Math.min(Integer.MAX_VALUE, uint32(FILE_HEADER_BYTES));
    int numColours = 0;
    if (headerBytes == CORE_HEADER_BYTES) {
      size(uint16(18), uint16(20), limits);
      bits = uint16(24);
    } else {
      switch (headerBytes) {
        case INFO_HEADER_BYTES, MASKS_HEADER_BYTES, ALPHA_HEADER_BYTES, 64, 108, 124 -> {}
        default -> throw unsupported("a header of " + headerBytes + " bytes");
      }
      uint8(file, FILE_HEADER_BYTES + headerBytes - 1); // throws if the file ends inside the header
      isFromTop = uint8(file, 25) == 0xFF;
      size(uint32(18), isFromTop ? (1L << 32) - uint32(22) : uint32(22), limits);
      bits = uint16(28);
      compression = uint32(30);
      numColours = (int) Math.min(Integer.MAX_VALUE, uint32(46));
    }
    switch (bits) {
      case 1, 4, 8, 16, 24, 32 -> {}
      default -> throw unsupported(bits + " bits a pixel");
    }
    int at = FILE_HEADER_BYTES + headerBytes;
    if (bits == 16) {
      masks = MASKS_555;
    }
    if (compression == BIT_FIELDS) {
      if (bits <= 8) {
        throw unsupported("bit masks for " + bits + " bits a pixel");
      }
      readMasks(headerBytes);
      at += headerBytes == INFO_HEADER_BYTES ? 12 : 0;
    } else if (compression != RAW && (compression > RLE4 || bits > 8)) {
      throw unsupported("compression " + compression + " of " + bits + " bits a pixel");
    }
    long start = uint32(10);
    if (bits <= 8) {
      int bytesPerColour = headerBytes == CORE_HEADER_BYTES ? 3 : 4;
      int stated = numColours == 0 ? 1 << bits : numColours;
      if (stated > 65536) {
        throw unsupported("a palette of " + stated + " colours");
      }
      readPalette(at, bytesPerColour, stated);
      // Some writers store the offset of the palette as that of the pixels.
      if (start == 0 || start == at) {
        start = at + (long) bytesPerColour * stated;
      }
    }
    pixelsAt = (int) Math.min(Integer.MAX_VALUE, start == 0 ? at : start);
  }

  private void size(long statedWidth, long statedHeight, ImageLimits limits) {
    width = (int) Math.min(Integer.MAX_VALUE, statedWidth);
    height = (int) Math.min(Integer.MAX_VALUE, statedHeight);
    if (width == 0 || height == 0) {
      throw new ImageDecodeException(
          Reason.DAMAGED, String.format(Locale.ROOT, "BMP of %dx%d pixels", width, height));
    }
    limits.check(ImageFormat.BMP, width, height);
  }

  private void readMasks(int headerBytes) {
    int at =
        FILE_HEADER_BYTES + INFO_HEADER_BYTES; // the masks have this offset in every header version
    masks = new long[] {uint32(at), uint32(at + 4), uint32(at + 8)};
    if (masks[0] == 0 && masks[1] == 0 && masks[2] == 0 && bits == 32) {
      masks = MASKS_888;
    }
    for (long mask : masks) {
      long shifted = mask >> Long.numberOfTrailingZeros(mask | 1L << 32);
      if (mask == 0 || (shifted & (shifted + 1)) != 0) {
        throw unsupported(
            String.format(
                Locale.ROOT,
                "the bit masks %x, %x and %x in a header of %d bytes",
                masks[0],
                masks[1],
                masks[2],
                headerBytes));
      }
    }
  }

  private void readPalette(int from, int bytesPerColour, int numColours) {
    palette = new int[256]; // missing entries are black
    boolean isOfIndices = numColours > 2;
    int numInFile = Math.max(0, (file.length - from) / bytesPerColour);
    for (int i = 0; i < Math.min(Math.min(256, numColours), numInFile); i++) {
      int at = from + bytesPerColour * i;
      palette[i] = uint8(file, at + 2) << 16 | uint8(file, at + 1) << 8 | uint8(file, at);
      isOfIndices &= palette[i] == 0x010101 * i;
    }
    if (isOfIndices) { // a linear gray palette also covers indices beyond its end, as in Pillow
      Arrays.setAll(palette, level -> 0x010101 * level);
    }
  }

  private byte[] pixels() {
    byte[] rgb_YXC = new byte[3 * width * height];
    if (compression == RLE8 || compression == RLE4) {
      byte[] indices = new BmpRuns(file, pixelsAt, width, height, compression == RLE4).indices();
      for (int y = 0; y < height; y++) {
        for (int x = 0; x < width; x++) {
          put(rgb_YXC, y, x, palette[indices[y * width + x] & 255]);
        }
      }
      return rgb_YXC;
    }
    long rowBytes = ((long) width * bits + 31) / 32 * 4;
    long lastRow = pixelsAt + (height - 1) * rowBytes;
    if (lastRow + ((long) width * bits + 7) / 8 > file.length) {
      throw new ImageDecodeException(
          Reason.DAMAGED,
          String.format(
              Locale.ROOT,
              "BMP of %dx%d ends before its last row, after %d bytes; fetch it again",
              width,
              height,
              file.length));
    }
    for (int y = 0; y < height; y++) {
      int row = (int) (pixelsAt + y * rowBytes);
      switch (bits) {
        case 1, 4, 8 -> indexedRow(rgb_YXC, y, row);
        case 16 -> maskedRow(rgb_YXC, y, row, 2);
        case 24 -> plainRow(rgb_YXC, y, row, 3);
        default -> {
          if (masks == MASKS_888) {
            plainRow(rgb_YXC, y, row, 4);
          } else {
            maskedRow(rgb_YXC, y, row, 4);
          }
        }
      }
    }
    return rgb_YXC;
  }

  private void indexedRow(byte[] rgb_YXC, int y, int row) {
    int perByte = 8 / bits;
    for (int x = 0; x < width; x++) {
      int shift = bits * (perByte - 1 - x % perByte);
      put(rgb_YXC, y, x, palette[uint8(file, row + x / perByte) >> shift & ((1 << bits) - 1)]);
    }
  }

  private void plainRow(byte[] rgb_YXC, int y, int row, int bytesPerPixel) {
    int to = 3 * width * (isFromTop ? y : height - 1 - y);
    for (int x = 0; x < width; x++) {
      int from = row + bytesPerPixel * x;
      rgb_YXC[to++] = file[from + 2];
      rgb_YXC[to++] = file[from + 1];
      rgb_YXC[to++] = file[from];
    }
  }

  private void maskedRow(byte[] rgb_YXC, int y, int row, int bytesPerPixel) {
    for (int x = 0; x < width; x++) {
      int from = row + bytesPerPixel * x;
      long pixel = bytesPerPixel == 2 ? uint16(from) : uint32(from);
      int colour = 0;
      for (long mask : masks) {
        int shift = Long.numberOfTrailingZeros(mask);
        colour = colour << 8 | (int) (((pixel & mask) >> shift) * 255 / (mask >> shift));
      }
      put(rgb_YXC, y, x, colour);
    }
  }

  private void put(byte[] rgb_YXC, int y, int x, int colour) {
    int to = 3 * (width * (isFromTop ? y : height - 1 - y) + x);
    rgb_YXC[to] = (byte) (colour >> 16);
    rgb_YXC[to + 1] = (byte) (colour >> 8);
    rgb_YXC[to + 2] = (byte) colour;
  }

  private int uint16(int at) {
    return uint16LittleEndian(file, at);
  }

  private long uint32(int at) {
    return uint32LittleEndian(file, at);
  }

  private ImageDecodeException unsupported(String what) {
    return new ImageDecodeException(
        Reason.UNSUPPORTED, "BMP of " + file.length + " bytes has " + what + "; save it as PNG");
  }
}
