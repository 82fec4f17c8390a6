package io.tokenflex.image;

/**
 * Source positions and weights of each target position along one axis.
 *
 * @param isCopy whether every target position equals one source position, so that no sum is needed
 * @param longest length of the longest window
 * @param stride distance between windows in {@code weights}; even, because taps are summed in pairs
 * @param first source position of each window's first tap, non-decreasing
 * @param length number of taps of each window
 * @param weights in fixed point, zero beyond a window's length
 */
@SuppressWarnings("ArrayRecordComponent") // short-lived, never compared
record ResampleWindows(
    boolean isCopy, int longest, int stride, int[] first, int[] length, int[] weights) {
  /** Fraction bits of the weights, as in Pillow; a weighted sum of 8-bit levels fits an int. */
  static final int PRECISION_BITS = 32 - 8 - 2;

  /** Number of target positions. */
  int count() {
    return first.length;
  }

  /**
   * Windows of {@code count} target positions, starting at {@code from}.
   *
   * @param targetSize length of the whole target axis, which determines the scale
   */
  static ResampleWindows of(
      ResampleFilter filter, int sourceSize, int targetSize, int from, int count) {
    if (sourceSize == targetSize) {
      return copy(from, count);
    }
    double scale = (double) sourceSize / targetSize;
    double filterScale = Math.max(1, scale);
    double support = filter.support() * filterScale;
    int longest = Math.min(sourceSize, (int) Math.ceil(support) * 2 + 1);
    int stride = longest + longest % 2;
    int[] first = new int[count];
    int[] lengths = new int[count];
    int[] weights = new int[Math.multiplyExact(count, stride)];
    double[] window = new double[longest];
    for (int i = 0; i < count; i++) {
      double centre = (from + i + 0.5) * scale;
      int low = Math.max(0, (int) (centre - support + 0.5));
      int length = Math.min(sourceSize, (int) (centre + support + 0.5)) - low;
      double total = 0;
      for (int t = 0; t < length; t++) {
        window[t] = filter.weight(Math.abs((t + low - centre + 0.5) / filterScale));
        total += window[t];
      }
      first[i] = low;
      lengths[i] = length;
      for (int t = 0; t < length; t++) {
        double weight = window[t] / total * (1 << PRECISION_BITS);
        weights[i * stride + t] = (int) (weight < 0 ? weight - 0.5 : weight + 0.5);
      }
    }
    return new ResampleWindows(false, longest, stride, first, lengths, weights);
  }

  /** Windows that copy {@code count} positions, starting at {@code from}. */
  static ResampleWindows copy(int from, int count) {
    int[] first = new int[count];
    int[] lengths = new int[count];
    int[] weights = new int[2 * count];
    for (int i = 0; i < count; i++) {
      first[i] = from + i;
      lengths[i] = 1;
      weights[2 * i] = 1 << PRECISION_BITS;
    }
    return new ResampleWindows(true, 1, 2, first, lengths, weights);
  }
}
