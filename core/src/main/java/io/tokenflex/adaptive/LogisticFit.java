package io.tokenflex.adaptive;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Logistic regression with a penalty on the squares of the weights of standardized features, by
 * Nesterov's accelerated gradient descent: as many rows and features as fit into memory, the same
 * result every time.
 */
final class LogisticFit {
  private static final int STEPS = 300;

  private final double[][] standardized;
  private final double[] means;
  private final double[] scales;

  /**
   * Standardizes features.
   *
   * @param features rows of equal length
   */
  LogisticFit(float[][] features) {
    int width = features[0].length;
    means = new double[width];
    scales = new double[width];
    for (int j = 0; j < width; j++) {
      int column = j;
      means[j] = Arrays.stream(features).mapToDouble(row -> row[column]).average().orElseThrow();
      double variance =
          Arrays.stream(features)
              .mapToDouble(row -> (row[column] - means[column]) * (row[column] - means[column]))
              .average()
              .orElseThrow();
      // of a feature that does not vary nothing is learnt
      scales[j] = variance > 1e-12 ? 1 / Math.sqrt(variance) : 0;
    }
    standardized = new double[features.length][width];
    for (int i = 0; i < features.length; i++) {
      for (int j = 0; j < width; j++) {
        standardized[i][j] = (features[i][j] - means[j]) * scales[j];
      }
    }
  }

  /** A bias and weights of the features as they are. */
  @SuppressWarnings("ArrayRecordComponent") // made and read, never compared
  record Weights(double bias, double[] values) {
    double probability(float[] features) {
      double sum = bias;
      for (int j = 0; j < values.length; j++) {
        sum += values[j] * features[j];
      }
      return sigmoid(sum);
    }
  }

  static double sigmoid(double x) {
    return 1 / (1 + StrictMath.exp(-x));
  }

  /**
   * Fits.
   *
   * @param targets from 0 to 1
   * @param penalty times half the sum of squares, added to the mean loss of the rows
   */
  Weights fit(double[] targets, double penalty) {
    int width = means.length;
    double[] w = new double[width + 1]; // the bias last
    double[] ahead = w.clone();
    double meanTarget = Arrays.stream(targets).average().orElseThrow();
    double kept = Math.min(Math.max(meanTarget, 1e-3), 1 - 1e-3);
    w[width] = StrictMath.log(kept / (1 - kept));
    ahead[width] = w[width];
    double step = 1 / (largestCurvature() + penalty);
    double momentum = 1;
    for (int i = 0; i < STEPS; i++) {
      double[] gradient = gradient(ahead, targets, penalty);
      double[] next = new double[width + 1];
      for (int j = 0; j <= width; j++) {
        next[j] = ahead[j] - step * gradient[j];
      }
      double nextMomentum = (1 + Math.sqrt(1 + 4 * momentum * momentum)) / 2;
      for (int j = 0; j <= width; j++) {
        ahead[j] = next[j] + (momentum - 1) / nextMomentum * (next[j] - w[j]);
      }
      momentum = nextMomentum;
      w = next;
    }
    double bias = w[width];
    double[] values = new double[width];
    for (int j = 0; j < width; j++) {
      values[j] = w[j] * scales[j];
      bias -= values[j] * means[j];
    }
    return new Weights(bias, values);
  }

  private double[] gradient(double[] w, double[] targets, double penalty) {
    int width = means.length;
    double[] gradient = new double[width + 1];
    for (int i = 0; i < targets.length; i++) {
      double sum = w[width];
      double[] row = standardized[i];
      for (int j = 0; j < width; j++) {
        sum += w[j] * row[j];
      }
      double error = (sigmoid(sum) - targets[i]) / targets.length;
      for (int j = 0; j < width; j++) {
        gradient[j] += error * row[j];
      }
      gradient[width] += error;
    }
    for (int j = 0; j < width; j++) {
      gradient[j] += penalty * w[j];
    }
    return gradient;
  }

  /** A quarter of the largest eigenvalue of the second moments, by power iteration, with room. */
  private double largestCurvature() {
    int width = means.length;
    double[] v = IntStream.range(0, width).mapToDouble(j -> 1 + j % 7).toArray();
    double norm = 1;
    for (int i = 0; i < 30; i++) {
      double[] next = new double[width];
      for (double[] row : standardized) {
        double dot = 0;
        for (int j = 0; j < width; j++) {
          dot += row[j] * v[j];
        }
        for (int j = 0; j < width; j++) {
          next[j] += dot * row[j] / standardized.length;
        }
      }
      norm = Math.sqrt(Arrays.stream(next).map(x -> x * x).sum());
      if (norm == 0) {
        return 0.25;
      }
      double scale = norm;
      v = Arrays.stream(next).map(x -> x / scale).toArray();
    }
    return 0.25 * 1.1 * (norm + 1);
  }
}
