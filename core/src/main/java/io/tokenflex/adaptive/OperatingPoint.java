package io.tokenflex.adaptive;

import io.tokenflex.statistics.Clusters;
import io.tokenflex.statistics.Interval;
import io.tokenflex.statistics.PairedComparison;
import io.tokenflex.statistics.StandardErrors;

/**
 * What a way to choose the number of vision tokens is worth.
 *
 * @param meanVisionTokens an image, those of answers that were given up included
 * @param difference mean score minus that at the largest count
 * @param interval90 of the difference, 90 %: equivalence within a tolerance at a level of 5 % means
 *     that it lies inside of it (two one-sided tests)
 * @param lowest lower end of the 98 % interval
 */
public record OperatingPoint(
    double meanVisionTokens, double difference, Interval interval90, double lowest) {
  private static final double LEVEL = 0.9;

  /**
   * The cheapest of many points is taken, so its own difference is flattered. At 90 % one
   * calibration of four on the quickstart's task lost more than its tolerance on other rows.
   */
  private static final double CHOICE_LEVEL = 0.98;

  /**
   * Compares with the largest count on the same rows.
   *
   * @param tokens that each row took
   */
  public static OperatingPoint of(
      double[] scores, double[] largest, double[] tokens, Clusters clusters) {
    PairedComparison pairs = PairedComparison.of(scores, largest, clusters);
    return new OperatingPoint(
        StandardErrors.mean(tokens),
        pairs.meanDifference(),
        pairs.interval(LEVEL, clusters),
        pairs.interval(CHOICE_LEVEL, clusters).low());
  }

  /** Whether it is certain that not more than {@code tolerance} is lost. */
  boolean losesAtMost(double tolerance) {
    return lowest >= -tolerance;
  }
}
