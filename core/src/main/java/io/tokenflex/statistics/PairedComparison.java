package io.tokenflex.statistics;

import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.random.SeededHash;
import java.util.SplittableRandom;

/**
 * Two systems on the same rows, by the differences of their scores.
 *
 * @param meanDifference first minus second
 * @param standardError of the mean difference, with clusters
 * @param interval 95 %, Student's t with clusters - 1 degrees of freedom
 * @param statistic mean difference by its error
 * @param studentP of Student's t, two-sided
 * @param numRows rows that both answered
 * @param onlyFirst rows that the first has right and the second not, where both are 0 or 1
 * @param onlySecond the other way round
 */
public record PairedComparison(
    double meanDifference,
    double standardError,
    Interval interval,
    double statistic,
    double studentP,
    int numRows,
    int onlyFirst,
    int onlySecond) {

  /** Flips of the signs of whole clusters. */
  public static final int FLIPS = 10_000;

  private static final double LEVEL = 0.95;

  /**
   * Compares. Below two clusters only the mean difference is told, below two rows not even that.
   *
   * @throws InvalidInputException if the numbers of rows differ
   */
  public static PairedComparison of(double[] first, double[] second, Clusters clusters) {
    double[] differences = differences(first, second);
    double mean = differences.length < 2 ? Double.NaN : StandardErrors.mean(differences);
    double error = StandardErrors.ofMean(differences, clusters);
    int degrees = clusters.size() - 1;
    double statistic;
    double p;
    Interval interval;
    if (degrees < 1) {
      return new PairedComparison(
          mean,
          error,
          new Interval(Double.NaN, Double.NaN),
          Double.NaN,
          Double.NaN,
          first.length,
          only(first, second),
          only(second, first));
    }
    if (error == 0) {
      statistic = mean == 0 ? 0 : Math.copySign(Double.POSITIVE_INFINITY, mean);
      p = mean == 0 ? 1 : 0;
      interval = new Interval(mean, mean);
    } else {
      statistic = mean / error;
      p = Distributions.studentTwoSided(statistic, degrees);
      double width = Distributions.studentQuantile(1 - LEVEL, degrees) * error;
      interval = new Interval(mean - width, mean + width);
    }
    return new PairedComparison(
        mean,
        error,
        interval,
        statistic,
        p,
        first.length,
        only(first, second),
        only(second, first));
  }

  /**
   * The interval of the mean difference at another level, by Student's t with clusters - 1 degrees
   * of freedom; NaN at both ends below two clusters.
   *
   * @param level for instance 0.9: two one-sided tests of equivalence at 5 %
   * @param clusters as given to {@link #of}
   */
  public Interval interval(double level, Clusters clusters) {
    if (clusters.size() < 2) {
      return new Interval(Double.NaN, Double.NaN);
    }
    double width =
        standardError == 0
            ? 0
            : Distributions.studentQuantile(1 - level, clusters.size() - 1.0) * standardError;
    return new Interval(meanDifference - width, meanDifference + width);
  }

  /**
   * McNemar's exact test for independent rows of 0 and 1: 2 P(Bin(b + c, 1/2) <= min(b, c)), at
   * most 1.
   */
  public double mcNemarP() {
    int smaller = Math.min(onlyFirst, onlySecond);
    return Math.min(1, 2 * Distributions.fairCoinAtMost(smaller, onlyFirst + onlySecond));
  }

  /**
   * The p-value of flipping the signs of whole clusters: (1 + #{|T*| >= |T|}) / (1 + {@link
   * #FLIPS}), T the sum of differences.
   */
  public static double signFlipP(double[] first, double[] second, Clusters clusters, long seed) {
    double[] differences = differences(first, second);
    clusters.expectRows(differences);
    double[] sums = new double[clusters.size()];
    double observed = 0;
    for (int i = 0; i < sums.length; i++) {
      for (int row : clusters.members().get(i)) {
        sums[i] += differences[row];
      }
      observed += sums[i];
    }
    SplittableRandom random = SeededHash.of(seed, "sign flips").toRandom();
    // The same sum in another order may be a little smaller.
    double bound = Math.abs(observed) * (1 - 1e-12);
    int asLarge = 0;
    for (int flip = 0; flip < FLIPS; flip++) {
      double sum = 0;
      for (double cluster : sums) {
        sum += random.nextBoolean() ? cluster : -cluster;
      }
      if (Math.abs(sum) >= bound) {
        asLarge++;
      }
    }
    return (1.0 + asLarge) / (1 + FLIPS);
  }

  private static double[] differences(double[] first, double[] second) {
    if (first.length != second.length) {
      throw new InvalidInputException(
          first.length
              + " scores against "
              + second.length
              + "; a comparison needs both systems' scores of the same rows");
    }
    double[] differences = new double[first.length];
    for (int i = 0; i < first.length; i++) {
      differences[i] = first[i] - second[i];
    }
    return differences;
  }

  private static int only(double[] right, double[] wrong) {
    int count = 0;
    for (int i = 0; i < right.length; i++) {
      if (right[i] == 1 && wrong[i] == 0) {
        count++;
      }
    }
    return count;
  }
}
