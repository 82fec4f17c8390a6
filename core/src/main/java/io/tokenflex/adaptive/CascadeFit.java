package io.tokenflex.adaptive;

import io.tokenflex.statistics.Clusters;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Finds the cheapest cascade that loses at most a tolerance to the largest count.
 *
 * <p>For every set of counts, a falling map from the confidence at each of them to what the last
 * one of the set is expected to score more; an answer is accepted where that is at most a limit,
 * the same for all counts. Every set is tried at limits over the range of its maps. What a limit is
 * worth is told by maps that were fitted without the row's fold.
 */
final class CascadeFit {
  private static final int LIMITS = 60;

  private final CalibrationRows rows;
  private final ConfidenceMeasure measure;
  private final Clusters clusters;
  private final int[] folds;
  private final double[] largest;

  CascadeFit(CalibrationRows rows, ConfidenceMeasure measure, int[] folds) {
    this.rows = rows;
    this.measure = measure;
    this.clusters = rows.clusters();
    this.folds = folds;
    this.largest = rows.scores(rows.last());
  }

  /**
   * A cascade and what it is worth.
   *
   * @param cost of an answer in the mean, all that were given up included
   */
  record Fitted(Cascade cascade, OperatingPoint point, double cost) {}

  /** The cheapest; of equally cheap ones that which scores most. */
  Fitted cheapest(double tolerance) {
    List<Fitted> good = new ArrayList<>();
    int numSets = 1 << rows.counts().size();
    for (int set = 1; set < numSets; set++) {
      int[] members = members(set);
      for (Fitted fitted : ofSet(members)) {
        if (fitted.point().losesAtMost(tolerance)) {
          good.add(fitted);
        }
      }
    }
    return good.stream()
        .min(
            Comparator.comparingDouble(Fitted::cost)
                .thenComparingDouble(fitted -> -fitted.point().difference()))
        .orElseThrow(() -> new IllegalStateException("the largest count loses nothing to itself"));
  }

  private int[] members(int set) {
    return IntStream.range(0, rows.counts().size()).filter(i -> (set >> i & 1) == 1).toArray();
  }

  private List<Fitted> ofSet(int[] set) {
    if (set.length == 1) {
      return List.of(fixed(set[0]));
    }
    List<MonotoneMap> maps = new ArrayList<>();
    double[][] unseen = new double[set.length - 1][];
    for (int level = 0; level < set.length - 1; level++) {
      double[] confidences = rows.confidences(set[level], measure);
      double[] gains = gains(set[level], set[set.length - 1]);
      maps.add(MonotoneMap.fit(confidences, gains));
      unseen[level] = ofUnseenFolds(confidences, gains);
    }
    List<Fitted> fitted = new ArrayList<>();
    for (double limit : limits(unseen)) {
      cascade(set, maps, limit)
          .ifPresent(cascade -> fitted.add(worth(cascade, set, unseen, limit)));
    }
    return fitted;
  }

  private Fitted fixed(int count) {
    double[] tokens = new double[rows.rows().size()];
    Arrays.fill(tokens, rows.counts().get(count));
    return new Fitted(
        new Cascade(measure, List.of(rows.counts().get(count)), List.of()),
        OperatingPoint.of(rows.scores(count), largest, tokens, clusters),
        rows.costs().get(count));
  }

  private double[] gains(int from, int to) {
    double[] low = rows.scores(from);
    double[] high = rows.scores(to);
    return IntStream.range(0, low.length).mapToDouble(row -> high[row] - low[row]).toArray();
  }

  private double[] ofUnseenFolds(double[] confidences, double[] gains) {
    double[] expected = new double[gains.length];
    for (int fold = 0; fold < CalibrationFit.FOLDS; fold++) {
      int held = fold;
      int[] others = IntStream.range(0, gains.length).filter(row -> folds[row] != held).toArray();
      MonotoneMap map = MonotoneMap.fit(at(confidences, others), at(gains, others));
      for (int row = 0; row < gains.length; row++) {
        if (folds[row] == fold) {
          expected[row] = map.at(confidences[row]);
        }
      }
    }
    return expected;
  }

  private static double[] at(double[] values, int[] places) {
    return Arrays.stream(places).mapToDouble(i -> values[i]).toArray();
  }

  private static double[] limits(double[][] gains) {
    double[] all =
        Arrays.stream(gains).flatMapToDouble(Arrays::stream).distinct().sorted().toArray();
    int numLimits = Math.min(LIMITS, all.length);
    return IntStream.range(0, numLimits)
        .mapToDouble(
            i -> all[numLimits == 1 ? 0 : (int) ((long) i * (all.length - 1) / (numLimits - 1))])
        .toArray();
  }

  /** Empty if a level would never or always be final: a smaller set says that. */
  private Optional<Cascade> cascade(int[] set, List<MonotoneMap> maps, double limit) {
    List<Double> acceptFrom = new ArrayList<>();
    for (MonotoneMap map : maps) {
      double from = map.firstAtMost(limit);
      if (Double.isNaN(from) || map.isAtMost(limit)) {
        return Optional.empty();
      }
      acceptFrom.add(from);
    }
    List<Integer> counts = Arrays.stream(set).mapToObj(i -> rows.counts().get(i)).toList();
    return Optional.of(new Cascade(measure, counts, acceptFrom));
  }

  private Fitted worth(Cascade cascade, int[] set, double[][] gains, double limit) {
    int numRows = rows.rows().size();
    double cost = 0;
    double[] scores = new double[numRows];
    double[] tokens = new double[numRows];
    for (int row = 0; row < numRows; row++) {
      int level = 0;
      tokens[row] = rows.counts().get(set[0]);
      cost += rows.costs().get(set[0]);
      while (level < set.length - 1 && gains[level][row] > limit) {
        level++;
        tokens[row] += rows.counts().get(set[level]);
        cost += rows.costs().get(set[level]);
      }
      scores[row] = rows.rows().get(row).scores().get(set[level]);
    }
    return new Fitted(
        cascade, OperatingPoint.of(scores, largest, tokens, clusters), cost / numRows);
  }
}
