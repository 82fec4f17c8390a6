package io.tokenflex.statistics;

import io.tokenflex.failure.InvalidInputException;

/** Intervals of the share of rows that are right, for independent rows. */
public final class Proportions {
  /** The normal distribution's two-sided 95 %. */
  public static final double Z95 = 1.959963984540054;

  private Proportions() {}

  /**
   * Wilson's interval: (p + z^2/2n +- z sqrt(p(1-p)/n + z^2/4n^2)) / (1 + z^2/n).
   *
   * @param z for instance {@link #Z95}
   */
  public static Interval wilson(int right, int rows, double z) {
    expectRows(right, rows);
    double share = right / (double) rows;
    double square = z * z / rows;
    double middle = (share + square / 2) / (1 + square);
    double width = z * Math.sqrt(share * (1 - share) / rows + square / (4 * rows)) / (1 + square);
    return new Interval(Math.max(0, middle - width), Math.min(1, middle + width));
  }

  /** The exact interval of Clopper and Pearson at 95 %: wider than needed, never too narrow. */
  public static Interval clopperPearson(int right, int rows) {
    expectRows(right, rows);
    double low = right == 0 ? 0 : Distributions.betaQuantile(0.025, right, rows - right + 1.0);
    double high = right == rows ? 1 : Distributions.betaQuantile(0.975, right + 1.0, rows - right);
    return new Interval(low, high);
  }

  private static void expectRows(int right, int rows) {
    if (rows < 1 || right < 0 || right > rows) {
      throw new InvalidInputException(
          right + " right of " + rows + " rows; expected at least one row and no more right");
    }
  }
}
