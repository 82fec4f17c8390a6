package io.tokenflex.statistics;

/** How many rows show a difference. */
public final class SampleSize {
  /** 95 % confidence two-sided and 80 % power: (1.96 + 0.84)^2. */
  private static final double FACTOR = (1.96 + 0.84) * (1.96 + 0.84);

  private SampleSize() {}

  /**
   * Rows needed for a paired difference: (1.96 + 0.84)^2 variance / difference^2.
   *
   * @param variance of the differences of a row: about the share of rows on which the systems
   *     differ
   * @param difference to be seen, as a fraction: 0.01 is one point
   */
  public static long rowsFor(double variance, double difference) {
    // A hair's breadth above a whole number is rounding.
    return (long) Math.ceil(FACTOR * variance / (difference * difference) - 1e-6);
  }
}
