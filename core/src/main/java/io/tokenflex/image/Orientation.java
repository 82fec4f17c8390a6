package io.tokenflex.image;

/** Applies an EXIF orientation (1 to 8), see {@link OrientationTag}. */
final class Orientation {
  static final int UPRIGHT = 1;

  /** Side of the blocks in which pixels are moved, for cache locality. */
  private static final int TILE = 32;

  private Orientation() {}

  /** Rotates and mirrors an image from its stored orientation to upright. */
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
    // Source of the upper left pixel, and source distances of its right and lower neighbours.
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
}
