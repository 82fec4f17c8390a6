package io.tokenflex.jobs.pages.html;

import java.util.List;

/**
 * Numbers along a line of the drawing.
 *
 * @param isLog equal steps are equal factors; then all numbers are above zero
 * @param from where {@code min} is drawn
 * @param to where {@code max} is drawn; below {@code from} where the axis points up
 */
record Axis(double min, double max, boolean isLog, double from, double to) {

  /** Least and greatest of all numbers; 0 and 1 if there are none. */
  static double[] range(List<double[]> values) {
    double min = Double.POSITIVE_INFINITY;
    double max = Double.NEGATIVE_INFINITY;
    for (double[] part : values) {
      for (double value : part) {
        min = Math.min(min, value);
        max = Math.max(max, value);
      }
    }
    return min > max ? new double[] {0, 1} : new double[] {min, max};
  }

  /**
   * An axis over a range, or near it where nothing could be drawn in that: over a point, or from
   * zero on where equal steps are equal factors.
   */
  static Axis of(double min, double max, boolean isLog, double from, double to) {
    if (isLog && min <= 0) {
      return new Axis(1, 10, true, from, to);
    }
    boolean isPoint = isLog ? max / min < 1 + 1e-9 : max - min < 1e-12;
    double end = isPoint ? min + Math.max(1e-6, Math.abs(min) * 0.1) : max;
    return new Axis(min, end, isLog, from, to);
  }

  /** Where a number is drawn; at the nearer end if it lies outside. */
  double at(double value) {
    double fraction =
        isLog
            ? Math.log(Math.max(value, min) / min) / Math.log(max / min)
            : (value - min) / (max - min);
    return from + Math.min(1, Math.max(0, fraction)) * (to - from);
  }

  /** Round numbers within. */
  double[] ticks(int wanted) {
    return isLog ? Ticks.betweenByFactors(min, max, wanted) : Ticks.between(min, max, wanted);
  }
}
