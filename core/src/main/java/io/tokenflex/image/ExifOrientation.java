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

  /** Side of the squares in which pixels are moved, so that their rows stay in the cache. */
  private static final int TILE = 32;

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
    // Where the upper left pixel comes from, and how far apart neighbours to the right and below
    // are stored.
    int columnStep = fromRight ? -3 : 3;
    int rowStep = (fromBottom ? -3 : 3) * width;
    int start = 3 * ((fromBottom ? height - 1 : 0) * width + (fromRight ? width - 1 : 0));
    byte[] to_YXC = new byte[stored.rgb_YXC().length];
    for (int top = 0; top < uprightHeight; top += TILE) {
      int bottom = Math.min(uprightHeight, top + TILE);
      for (int left = 0; left < uprightWidth; left += TILE) {
        int right = Math.min(uprightWidth, left + TILE);
        for (int y = top; y < bottom; y++) {
          copyRow(
              stored.rgb_YXC(),
              start
                  + (swapsAxes ? y * columnStep + left * rowStep : y * rowStep + left * columnStep),
              swapsAxes ? rowStep : columnStep,
              to_YXC,
              3 * (y * uprightWidth + left),
              right - left);
        }
      }
    }
    return new RgbImage(uprightWidth, uprightHeight, to_YXC);
  }

  private static void copyRow(byte[] from, int start, int step, byte[] to, int at, int pixels) {
    int end = at + 3 * pixels;
    for (int source = start, target = at; target < end; source += step, target += 3) {
      to[target] = from[source];
      to[target + 1] = from[source + 1];
      to[target + 2] = from[source + 2];
    }
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
