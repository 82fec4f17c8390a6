package io.tokenflex.image;

import java.util.Arrays;

/**
 * Antialiased bicubic resampling (Keys kernel, a = -0.5), bit for bit what Pillow's {@code
 * resize(..., BICUBIC)} computes: the kernel widens with the reduction, weights are fixed-point
 * numbers of 22 fraction bits, rows are resampled first, rounded to eight bits, then columns.
 */
public final class BicubicResampler {
  private static final double A = -0.5;
  private static final double SUPPORT = 2.0;
  private static final int PRECISION_BITS = 32 - 8 - 2;
  private static final int HALF = 1 << (PRECISION_BITS - 1);

  private BicubicResampler() {}

  /** Receives finished rows from top to bottom. */
  @FunctionalInterface
  interface RowSink {
    /**
     * Takes row {@code y}.
     *
     * @param row_CX levels 0 to 255, all red ones first; only valid during the call
     */
    @SuppressWarnings("MemberName")
    void accept(int y, int[] row_CX);
  }

  /** Resamples to any size; the aspect ratio is not kept. */
  public static RgbImage resample(RgbImage source, int width, int height) {
    if (width < 1 || height < 1) {
      throw new IllegalArgumentException(
          "Cannot resample to %dx%d; both sides must be at least 1".formatted(width, height));
    }
    byte[] rgb_YXC = new byte[Math.multiplyExact(3, Math.multiplyExact(width, height))];
    resample(
        source,
        width,
        height,
        (y, row_CX) -> {
          int to = 3 * y * width;
          for (int x = 0; x < width; x++) {
            rgb_YXC[to + 3 * x] = (byte) row_CX[x];
            rgb_YXC[to + 3 * x + 1] = (byte) row_CX[width + x];
            rgb_YXC[to + 3 * x + 2] = (byte) row_CX[2 * width + x];
          }
        });
    return new RgbImage(width, height, rgb_YXC);
  }

  static void resample(RgbImage source, int width, int height, RowSink sink) {
    Windows columns = Windows.of(source.width(), width);
    Windows rows = Windows.of(source.height(), height);
    // Only the source rows under the current window are kept, so they stay in the cache.
    int[][] ring_CX = new int[rows.taps][3 * width];
    int[] line_XC = new int[3 * (source.width() + columns.taps)];
    int[] sum_CX = new int[3 * width];
    int next = 0;
    for (int y = 0; y < height; y++) {
      int first = rows.first[y];
      int end = Math.min(first + rows.taps, source.height());
      for (next = Math.max(next, first); next < end; next++) {
        widen(source.rgb_YXC(), 3 * next * source.width(), line_XC, 3 * source.width());
        resampleRow(line_XC, columns, ring_CX[next % rows.taps], width);
      }
      Arrays.fill(sum_CX, HALF);
      for (int t = 0; t < end - first; t++) {
        int weight = rows.weights[y * rows.taps + t];
        if (weight != 0) {
          addWeighted(ring_CX[(first + t) % rows.taps], weight, sum_CX);
        }
      }
      clip(sum_CX);
      sink.accept(y, sum_CX);
    }
  }

  private static void widen(byte[] levels, int offset, int[] line, int length) {
    for (int i = 0; i < length; i++) {
      line[i] = levels[offset + i] & 255;
    }
  }

  private static void resampleRow(int[] line_XC, Windows columns, int[] row_CX, int width) {
    int taps = columns.taps;
    int[] weights = columns.weights;
    for (int x = 0; x < width; x++) {
      int from = 3 * columns.first[x];
      int weight = x * taps;
      int red = HALF;
      int green = HALF;
      int blue = HALF;
      // Two taps a turn: the loop is short, and its bookkeeping would cost as much as its work.
      for (int end = weight + taps; weight < end; weight += 2) {
        int first = weights[weight];
        int second = weights[weight + 1];
        red += first * line_XC[from] + second * line_XC[from + 3];
        green += first * line_XC[from + 1] + second * line_XC[from + 4];
        blue += first * line_XC[from + 2] + second * line_XC[from + 5];
        from += 6;
      }
      row_CX[x] = level(red);
      row_CX[width + x] = level(green);
      row_CX[2 * width + x] = level(blue);
    }
  }

  private static void addWeighted(int[] levels, int weight, int[] sums) {
    for (int i = 0; i < sums.length; i++) {
      sums[i] += weight * levels[i];
    }
  }

  private static void clip(int[] sums) {
    for (int i = 0; i < sums.length; i++) {
      sums[i] = level(sums[i]);
    }
  }

  private static int level(int sum) {
    return Math.max(0, Math.min(255, sum >> PRECISION_BITS));
  }

  private static double kernel(double distance) {
    double x = Math.abs(distance);
    if (x < 1) {
      return ((A + 2) * x - (A + 3)) * x * x + 1;
    }
    return x < 2 ? (((x - 5) * x + 8) * x - 4) * A : 0;
  }

  /**
   * Which source positions make up each target position.
   *
   * @param taps length of every window, even; shorter windows are filled up with weight 0
   * @param first source position of each window's first tap
   * @param weights {@code taps} fixed-point weights for each target position
   */
  @SuppressWarnings("ArrayRecordComponent") // lives for one call and is never compared
  private record Windows(int taps, int[] first, int[] weights) {
    static Windows of(int sourceSize, int targetSize) {
      double scale = (double) sourceSize / targetSize;
      double filterScale = Math.max(1, scale);
      double support = SUPPORT * filterScale;
      int longest = Math.min(sourceSize, (int) Math.ceil(support) * 2 + 1);
      int taps = longest + longest % 2;
      int[] first = new int[targetSize];
      int[] weights = new int[Math.multiplyExact(targetSize, taps)];
      double[] window = new double[taps];
      for (int i = 0; i < targetSize; i++) {
        double centre = (i + 0.5) * scale;
        int low = Math.max(0, (int) (centre - support + 0.5));
        int length = Math.min(sourceSize, (int) (centre + support + 0.5)) - low;
        double total = 0;
        for (int t = 0; t < length; t++) {
          window[t] = kernel((t + low - centre + 0.5) / filterScale);
          total += window[t];
        }
        first[i] = low;
        for (int t = 0; t < length; t++) {
          double weight = window[t] / total * (1 << PRECISION_BITS);
          weights[i * taps + t] = (int) (weight < 0 ? weight - 0.5 : weight + 0.5);
        }
      }
      return new Windows(taps, first, weights);
    }
  }
}
