package io.tokenflex.image;

import static io.tokenflex.image.FileStructure.uint16;
import static io.tokenflex.image.FileStructure.uint32;

/**
 * The EXIF orientation tag (TIFF tag 0x0112, values 1 to 8): how the stored rows must be turned.
 */
final class ExifOrientation {
  private static final int UPRIGHT = 1;
  private static final int TAG = 0x0112;
  private static final int TYPE_SHORT = 3;

  private ExifOrientation() {}

  /** Reads the tag from a TIFF block; an unreadable block counts as upright, as in Pillow. */
  static int read(byte[] file, int offset) {
    if (offset < 0 || file.length - offset < 8) {
      return UPRIGHT;
    }
    boolean littleEndian = file[offset] == 'I';
    try {
      int entries = Math.toIntExact(offset + int32(file, offset + 4, littleEndian));
      int numEntries = int16(file, entries, littleEndian);
      for (int i = 0; i < numEntries; i++) {
        int entry = entries + 2 + 12 * i;
        if (int16(file, entry, littleEndian) == TAG
            && int16(file, entry + 2, littleEndian) == TYPE_SHORT) {
          int value = int16(file, entry + 8, littleEndian);
          return value >= 1 && value <= 8 ? value : UPRIGHT;
        }
      }
    } catch (IndexOutOfBoundsException | ArithmeticException e) {
      return UPRIGHT;
    }
    return UPRIGHT;
  }

  /** Turns and mirrors an image from its stored orientation into the upright one. */
  static RgbImage apply(RgbImage stored, int orientation) {
    if (orientation == UPRIGHT) {
      return stored;
    }
    int width = stored.width();
    int height = stored.height();
    boolean swapsAxes = orientation >= 5;
    int uprightWidth = swapsAxes ? height : width;
    int uprightHeight = swapsAxes ? width : height;
    boolean fromRight =
        orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
    boolean fromBottom =
        orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
    byte[] from = stored.rgb_YXC();
    byte[] to = new byte[from.length];
    int at = 0;
    for (int y = 0; y < uprightHeight; y++) {
      for (int x = 0; x < uprightWidth; x++) {
        int storedX = swapsAxes ? y : x;
        int storedY = swapsAxes ? x : y;
        storedX = fromRight ? width - 1 - storedX : storedX;
        storedY = fromBottom ? height - 1 - storedY : storedY;
        int pixel = 3 * (storedY * width + storedX);
        to[at++] = from[pixel];
        to[at++] = from[pixel + 1];
        to[at++] = from[pixel + 2];
      }
    }
    return new RgbImage(uprightWidth, uprightHeight, to);
  }

  private static int int16(byte[] file, int at, boolean littleEndian) {
    int value = uint16(file, at);
    return littleEndian ? Short.toUnsignedInt(Short.reverseBytes((short) value)) : value;
  }

  private static long int32(byte[] file, int at, boolean littleEndian) {
    int value = (int) uint32(file, at);
    return Integer.toUnsignedLong(littleEndian ? Integer.reverseBytes(value) : value);
  }
}
