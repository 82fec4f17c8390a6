package io.tokenflex.image;

import java.util.Arrays;

/**
 * A 64-bit perceptual hash: resizing, re-encoding or slightly brightening an image changes few
 * bits.
 *
 * <p>The method of {@code phash} in Python's imagehash 4.3: convert to gray, resize to 32x32,
 * type-II DCT, take the 8x8 lowest frequencies; each bit says whether one is above their median.
 * The first bit belongs to the mean level. The golden test allows 4 bits of difference for two
 * reasons: large images are first averaged over square cells (one pass instead of a wide Lanczos
 * filter), and frequencies are rounded, so that all images of a single flat colour have the same
 * hash.
 *
 * <p>Limits: images that differ only in small text have similar hashes, and flat images of any
 * colour have equal ones. Where such images matter, compare the conversations too.
 */
public final class PerceptualHash {
  private static final int SIDE = 32;
  private static final int FREQUENCIES = 8;

  /** Images are averaged over the largest square cells that leave at least this many per side. */
  private static final int CELLS = 4 * SIDE;

  /**
   * Frequencies are rounded to multiples of 1/64: real ones are in the hundreds, rounding noise is
   * below 1e-9.
   */
  private static final double ROUNDING = 64;

  private static final double[][] COSINES = cosines();

  private PerceptualHash() {}

  /** Computes the hash; compare hashes with {@link #distance}. */
  public static long of(RgbImage image) {
    int cellWidth = Math.max(1, image.width() / CELLS);
    int cellHeight = Math.max(1, image.height() / CELLS);
    int columns = (image.width() + cellWidth - 1) / cellWidth;
    int rows = (image.height() + cellHeight - 1) / cellHeight;
    double[] gray_YX = grayCells(image, cellWidth, cellHeight, columns, rows);
    double[] narrow_YX = resampleRows(gray_YX, columns, rows);
    double[] square_XY = resampleRows(transposed(narrow_YX, SIDE, rows), rows, SIDE);
    return signs(transform(square_XY));
  }

  /** Hamming distance, 0 to 64. */
  public static int distance(long a, long b) {
    return Long.bitCount(a ^ b);
  }

  private static double[] grayCells(
      RgbImage image, int cellWidth, int cellHeight, int columns, int rows) {
    byte[] rgb_YXC = image.rgb_YXC();
    double[] cells_YX = new double[rows * columns];
    long[] sums_X = new long[columns];
    for (int row = 0; row < rows; row++) {
      Arrays.fill(sums_X, 0);
      int endY = Math.min(image.height(), (row + 1) * cellHeight);
      for (int y = row * cellHeight; y < endY; y++) {
        int at = 3 * y * image.width();
        for (int column = 0; column < columns; column++) {
          int count = Math.min(cellWidth, image.width() - column * cellWidth);
          long sum = 0;
          for (int x = 0; x < count; x++, at += 3) {
            sum += gray(rgb_YXC[at] & 255, rgb_YXC[at + 1] & 255, rgb_YXC[at + 2] & 255);
          }
          sums_X[column] += sum;
        }
      }
      for (int column = 0; column < columns; column++) {
        int count = Math.min(cellWidth, image.width() - column * cellWidth);
        cells_YX[row * columns + column] =
            (double) sums_X[column] / ((long) count * (endY - row * cellHeight));
      }
    }
    return cells_YX;
  }

  /** Pillow's luma: ITU-R 601 weights in 16-bit fixed point. */
  private static int gray(int red, int green, int blue) {
    return (red * 19595 + green * 38470 + blue * 7471 + 0x8000) >> 16;
  }

  /** Resamples each row to 32 values with an antialiased Lanczos-3 filter. */
  private static double[] resampleRows(double[] from_YX, int columns, int rows) {
    double scale = (double) columns / SIDE;
    double filterScale = Math.max(1, scale);
    double support = 3 * filterScale;
    double[] to_YX = new double[rows * SIDE];
    double[] weights = new double[columns];
    for (int x = 0; x < SIDE; x++) {
      double centre = (x + 0.5) * scale;
      int low = Math.max(0, (int) (centre - support + 0.5));
      int high = Math.min(columns, (int) (centre + support + 0.5));
      double total = 0;
      for (int i = low; i < high; i++) {
        weights[i] = lanczos((i - centre + 0.5) / filterScale);
        total += weights[i];
      }
      for (int y = 0; y < rows; y++) {
        double sum = 0;
        for (int i = low; i < high; i++) {
          sum += weights[i] * from_YX[y * columns + i];
        }
        to_YX[y * SIDE + x] = Math.max(0, Math.min(255, sum / total));
      }
    }
    return to_YX;
  }

  private static double lanczos(double x) {
    return Math.abs(x) < 3 ? sinc(x) * sinc(x / 3) : 0;
  }

  private static double sinc(double x) {
    double angle = Math.PI * x;
    return angle == 0 ? 1 : StrictMath.sin(angle) / angle;
  }

  private static double[] transposed(double[] values_YX, int columns, int rows) {
    double[] values_XY = new double[values_YX.length];
    for (int y = 0; y < rows; y++) {
      for (int x = 0; x < columns; x++) {
        values_XY[x * rows + y] = values_YX[y * columns + x];
      }
    }
    return values_XY;
  }

  /** The 8x8 lowest frequencies of the DCT; the vertical frequency varies slowest. */
  private static double[] transform(double[] square_XY) {
    double[] vertical = new double[SIDE * FREQUENCIES];
    for (int x = 0; x < SIDE; x++) {
      for (int v = 0; v < FREQUENCIES; v++) {
        double sum = 0;
        for (int y = 0; y < SIDE; y++) {
          sum += COSINES[v][y] * square_XY[x * SIDE + y];
        }
        vertical[x * FREQUENCIES + v] = sum;
      }
    }
    double[] frequencies = new double[FREQUENCIES * FREQUENCIES];
    for (int v = 0; v < FREQUENCIES; v++) {
      for (int u = 0; u < FREQUENCIES; u++) {
        double sum = 0;
        for (int x = 0; x < SIDE; x++) {
          sum += COSINES[u][x] * vertical[x * FREQUENCIES + v];
        }
        frequencies[v * FREQUENCIES + u] = Math.rint(sum * ROUNDING) / ROUNDING;
      }
    }
    return frequencies;
  }

  private static long signs(double[] frequencies) {
    double[] sorted = frequencies.clone();
    Arrays.sort(sorted);
    double median = (sorted[sorted.length / 2 - 1] + sorted[sorted.length / 2]) / 2;
    long bits = 0;
    for (double frequency : frequencies) {
      bits = bits << 1 | (frequency > median ? 1 : 0);
    }
    return bits;
  }

  private static double[][] cosines() {
    double[][] cosines = new double[FREQUENCIES][SIDE];
    for (int k = 0; k < FREQUENCIES; k++) {
      for (int n = 0; n < SIDE; n++) {
        cosines[k][n] = 2 * StrictMath.cos(Math.PI * k * (2 * n + 1) / (2 * SIDE));
      }
    }
    return cosines;
  }
}
