package io.tokenflex.statistics;

import io.tokenflex.failure.InvalidInputException;
import java.util.List;

/** Standard errors of means. */
public final class StandardErrors {
  private StandardErrors() {}

  /** The mean; NaN of nothing. */
  public static double mean(double[] scores) {
    double sum = 0;
    for (double score : scores) {
      sum += score;
    }
    return sum / scores.length;
  }

  /** Of independent rows: sqrt(sum (s - mean)^2 / (n (n - 1))); NaN below two rows. */
  public static double ofMean(double[] scores) {
    if (scores.length < 2) {
      return Double.NaN;
    }
    double mean = mean(scores);
    double squares = 0;
    for (double score : scores) {
      squares += (score - mean) * (score - mean);
    }
    return Math.sqrt(squares / scores.length / (scores.length - 1));
  }

  /**
   * With clusters (Miller 2024, equation 4): the square of {@link #ofMean} and, for each cluster,
   * ((sum d)^2 - sum d^2) / n^2, d the distance from the mean. NaN below two rows.
   *
   * @throws InvalidInputException if there are not as many keys as scores
   */
  public static double ofMean(double[] scores, Clusters clusters) {
    clusters.expectRows(scores);
    if (scores.length < 2) {
      return Double.NaN;
    }
    double mean = mean(scores);
    double cross = 0;
    for (int[] cluster : clusters.members()) {
      double sum = 0;
      double squares = 0;
      for (int row : cluster) {
        double distance = scores[row] - mean;
        sum += distance;
        squares += distance * distance;
      }
      cross += sum * sum - squares;
    }
    double independent = ofMean(scores);
    double square = independent * independent + cross / ((double) scores.length * scores.length);
    // Below zero by rounding alone, where each cluster's distances cancel.
    return Math.sqrt(Math.max(0, square));
  }

  /**
   * Of the mean over all rows of several groups, from the groups' own errors: as lmms-eval pools
   * them.
   */
  public static double pooled(List<Double> errors, List<Integer> sizes) {
    if (errors.size() != sizes.size()) {
      throw new InvalidInputException(
          errors.size() + " errors but " + sizes.size() + " sizes; expected one each a group");
    }
    double squares = 0;
    long rows = 0;
    for (int i = 0; i < sizes.size(); i++) {
      squares += (sizes.get(i) - 1.0) * errors.get(i) * errors.get(i) * sizes.get(i);
      rows += sizes.get(i);
    }
    return Math.sqrt(squares / (rows - sizes.size()) / rows);
  }

  /** Of the plain average of several benchmarks: sqrt(sum SE^2) / B. */
  public static double ofAverage(List<Double> errors) {
    double squares = errors.stream().mapToDouble(error -> error * error).sum();
    return Math.sqrt(squares) / errors.size();
  }
}
