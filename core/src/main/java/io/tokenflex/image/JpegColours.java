package io.tokenflex.image;

import java.awt.image.Raster;

/**
 * Colour conversions of JPEG that the JDK lacks, with the integer arithmetic of libjpeg and Pillow.
 */
final class JpegColours {
  /** One half in 16-bit fixed point. */
  private static final int HALF = 1 << 15;

  private JpegColours() {}

  /**
   * Converts a four-component JPEG to RGB as Pillow does. Adobe stores inverted ink (255 means no
   * ink), so each colour is its component times key; Pillow assumes this of every four-component
   * file.
   *
   * @param isYcck whether the first three components are YCC of the inverted ink
   */
  static byte[] rgbOfInvertedCmyk(Raster raster, boolean isYcck) {
    int width = raster.getWidth();
    int height = raster.getHeight();
    byte[] rgb = new byte[Math.multiplyExact(3, width * height)];
    int[] row = new int[4 * width];
    int at = 0;
    for (int y = 0; y < height; y++) {
      raster.getPixels(raster.getMinX(), raster.getMinY() + y, width, 1, row);
      for (int i = 0; i < row.length; i += 4) {
        if (isYcck) { // YCC decodes to 255 - ink
          int inverse = ~rgbOfYcc(row[i], row[i + 1], row[i + 2]);
          row[i] = inverse >> 16 & 255;
          row[i + 1] = inverse >> 8 & 255;
          row[i + 2] = inverse & 255;
        }
        int key = row[i + 3];
        for (int channel = 0; channel < 3; channel++) {
          int scaled = (255 - row[i + channel]) * key + 128;
          rgb[at++] = (byte) (key - (((scaled >> 8) + scaled) >> 8));
        }
      }
    }
    return rgb;
  }

  /**
   * Converts YCC with vertically subsampled chroma (4:4:0) to RGB. libjpeg-turbo, and therefore
   * Pillow, interpolates chroma rows with weights 3 and 1; libjpeg 6b, which most JDK builds
   * contain, repeats each row. Repeated rows are detected and interpolated here.
   *
   * @param ycc luminance and chrominance at full resolution
   */
  static byte[] rgbOfHalfChromaRows(Raster ycc) {
    int width = ycc.getWidth();
    int height = ycc.getHeight();
    boolean isRepeated = true;
    for (int y = 1; y < height && isRepeated; y += 2) {
      isRepeated = hasSameChroma(row(ycc, y - 1), row(ycc, y));
    }
    byte[] rgb = new byte[Math.multiplyExact(3, width * height)];
    int last = (height - 1) / 2 * 2;
    int at = 0;
    for (int y = 0; y < height; y++) {
      int[] row = row(ycc, y);
      int[] neighbour = row(ycc, y % 2 == 0 ? Math.max(0, y - 2) : Math.min(last, y + 1));
      int bias = y % 2 == 0 ? 1 : 2;
      for (int i = 0; i < row.length; i += 3) {
        int colour =
            isRepeated
                ? rgbOfYcc(
                    row[i],
                    (3 * row[i + 1] + neighbour[i + 1] + bias) >> 2,
                    (3 * row[i + 2] + neighbour[i + 2] + bias) >> 2)
                : rgbOfYcc(row[i], row[i + 1], row[i + 2]);
        rgb[at++] = (byte) (colour >> 16);
        rgb[at++] = (byte) (colour >> 8);
        rgb[at++] = (byte) colour;
      }
    }
    return rgb;
  }

  private static int[] row(Raster raster, int y) {
    int top = raster.getMinY() + y;
    return raster.getPixels(raster.getMinX(), top, raster.getWidth(), 1, (int[]) null);
  }

  private static boolean hasSameChroma(int[] above, int[] below) {
    for (int i = 0; i < above.length; i += 3) {
      if (above[i + 1] != below[i + 1] || above[i + 2] != below[i + 2]) {
        return false;
      }
    }
    return true;
  }

  /** YCC to 0xRRGGBB, in libjpeg's fixed-point arithmetic. */
  private static int rgbOfYcc(int luminance, int blueChroma, int redChroma) {
    int blueness = blueChroma - 128;
    int redness = redChroma - 128;
    int red = clip(luminance + ((91881 * redness + HALF) >> 16));
    int green = clip(luminance + ((-22554 * blueness - 46802 * redness + HALF) >> 16));
    int blue = clip(luminance + ((116130 * blueness + HALF) >> 16));
    return red << 16 | green << 8 | blue;
  }

  private static int clip(int level) {
    return Math.max(0, Math.min(255, level));
  }
}
