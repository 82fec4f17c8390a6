package io.tokenflex.adaptive;

import io.tokenflex.adaptive.LogisticFit.Weights;
import io.tokenflex.statistics.Clusters;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Finds the selector that takes fewest tokens of those that lose at most a tolerance to the largest
 * count. What a penalty and a limit are worth is told by regressions that were fitted without the
 * row's fold.
 */
final class SelectorFit {
  private static final double[] PENALTIES = {1e-3, 1e-2, 1e-1};
  private static final int LIMITS = 100;

  private final CalibrationRows rows;
  private final int[] folds;
  private final Clusters clusters;
  private final float[][] features;

  SelectorFit(CalibrationRows rows, int[] folds) {
    this.rows = rows;
    this.folds = folds;
    this.clusters = rows.clusters();
    this.features = new float[rows.rows().size()][];
    for (int i = 0; i < features.length; i++) {
      List<Float> of = rows.rows().get(i).features();
      features[i] = new float[of.size()];
      for (int j = 0; j < of.size(); j++) {
        features[i][j] = of.get(j);
      }
    }
  }

  /**
   * A selector and what it is worth.
   *
   * @param cost of an answer in the mean
   */
  record Fitted(Selector selector, OperatingPoint point, double cost) {}

  /** The cheapest; of equally cheap ones that which scores most. */
  Fitted cheapest(double tolerance) {
    double[][] best = null;
    double bestLoss = Double.POSITIVE_INFINITY;
    double penalty = PENALTIES[0];
    for (double tried : PENALTIES) {
      double[][] probabilities = ofUnseenFolds(tried);
      double loss = logLoss(probabilities);
      if (loss < bestLoss) {
        best = probabilities;
        bestLoss = loss;
        penalty = tried;
      }
    }
    Limited chosen = cheapest(best, tolerance);
    return new Fitted(new Selector(levels(penalty), chosen.limit()), chosen.point(), chosen.cost());
  }

  private record Limited(double limit, OperatingPoint point, double cost) {}

  private Limited cheapest(double[][] probabilities, double tolerance) {
    List<Limited> good = new ArrayList<>();
    for (double limit : limits(probabilities)) {
      Limited limited = worth(probabilities, limit);
      if (limited.point().losesAtMost(tolerance)) {
        good.add(limited);
      }
    }
    return good.stream()
        .min(
            Comparator.comparingDouble(Limited::cost)
                .thenComparingDouble(limited -> -limited.point().difference()))
        .orElseThrow(() -> new IllegalStateException("the largest count loses nothing to itself"));
  }

  /** From one below which the largest count is always taken to one at which the smallest is. */
  private double[] limits(double[][] probabilities) {
    double[] losses =
        Arrays.stream(probabilities)
            .flatMapToDouble(
                row -> Arrays.stream(row, 0, rows.last()).map(other -> row[rows.last()] - other))
            .distinct()
            .sorted()
            .toArray();
    double[] limits = new double[LIMITS + 1];
    limits[0] = losses[0] - 1e-3;
    for (int i = 0; i < LIMITS; i++) {
      limits[i + 1] = losses[(int) ((long) i * (losses.length - 1) / (LIMITS - 1))];
    }
    return limits;
  }

  private double[][] ofUnseenFolds(double penalty) {
    double[][] probabilities = new double[features.length][rows.counts().size()];
    for (int fold = 0; fold < CalibrationFit.FOLDS; fold++) {
      int held = fold;
      int[] others =
          IntStream.range(0, features.length).filter(row -> folds[row] != held).toArray();
      LogisticFit fit =
          new LogisticFit(
              Arrays.stream(others).mapToObj(row -> features[row]).toArray(float[][]::new));
      for (int count = 0; count < rows.counts().size(); count++) {
        double[] scores = rows.scores(count);
        Weights weights =
            fit.fit(Arrays.stream(others).mapToDouble(row -> scores[row]).toArray(), penalty);
        for (int row = 0; row < features.length; row++) {
          if (folds[row] == fold) {
            probabilities[row][count] = weights.probability(features[row]);
          }
        }
      }
    }
    return probabilities;
  }

  private double logLoss(double[][] probabilities) {
    double loss = 0;
    for (int count = 0; count < rows.counts().size(); count++) {
      double[] scores = rows.scores(count);
      for (int row = 0; row < scores.length; row++) {
        double p = Math.min(Math.max(probabilities[row][count], 1e-9), 1 - 1e-9);
        loss -= scores[row] * StrictMath.log(p) + (1 - scores[row]) * StrictMath.log(1 - p);
      }
    }
    return loss;
  }

  private Limited worth(double[][] probabilities, double limit) {
    double cost = 0;
    double[] scores = new double[features.length];
    double[] tokens = new double[features.length];
    for (int row = 0; row < features.length; row++) {
      int count = Selector.choose(probabilities[row], limit);
      scores[row] = rows.rows().get(row).scores().get(count);
      tokens[row] = rows.counts().get(count);
      cost += rows.costs().get(count);
    }
    return new Limited(
        limit,
        OperatingPoint.of(scores, rows.scores(rows.last()), tokens, clusters),
        cost / features.length);
  }

  private List<Selector.Level> levels(double penalty) {
    LogisticFit fit = new LogisticFit(features);
    List<Selector.Level> levels = new ArrayList<>();
    for (int count = 0; count < rows.counts().size(); count++) {
      Weights weights = fit.fit(rows.scores(count), penalty);
      levels.add(
          new Selector.Level(
              rows.counts().get(count),
              weights.bias(),
              Arrays.stream(weights.values()).boxed().toList()));
    }
    return levels;
  }
}
