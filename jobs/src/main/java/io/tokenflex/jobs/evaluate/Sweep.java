package io.tokenflex.jobs.evaluate;

import com.fasterxml.jackson.annotation.JsonIgnore;
import io.tokenflex.statistics.ClusterBootstrap;
import io.tokenflex.statistics.Clusters;
import io.tokenflex.statistics.Interval;
import io.tokenflex.statistics.MeanInterval;
import io.tokenflex.statistics.PairedComparison;
import io.tokenflex.statistics.SeveralTests;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;

/** What token counts make of the same rows: errors of their means, and their differences. */
public final class Sweep {
  /** The same answers give the same intervals. */
  private static final long SEED = 1;

  private final List<String> clusterKeys;
  private final SortedMap<Integer, double[]> scores = new TreeMap<>();

  /**
   * @param clusterKeys of each row; rows with equal keys are not independent
   */
  Sweep(List<String> clusterKeys) {
    this.clusterKeys = List.copyOf(clusterKeys);
  }

  static ClusterBootstrap bootstrap(int draws) {
    return new ClusterBootstrap(SEED, draws);
  }

  /** The scores of the rows at a count, from 0 to 1; NaN of a row that is unscored. */
  void add(int numVisionTokens, double[] scoresOfRows) {
    scores.put(numVisionTokens, scoresOfRows.clone());
  }

  /**
   * Two counts on the rows that are scored at both.
   *
   * @param difference mean score at {@code higher} minus that at {@code lower}
   * @param interval 95 %, Student's t on the clustered error
   * @param p exact McNemar's, or of flipping the signs of whole clusters; two-sided
   * @param holmP corrected by Holm's method for all pairs of the table
   */
  public record Comparison(
      int lower, int higher, double difference, Interval interval, double p, double holmP) {
    /** Whether the difference is no luck at a level of 5 %, all pairs taken together. */
    @JsonIgnore
    public boolean isClear() {
      return holmP < 0.05;
    }
  }

  /** The 95 % interval of the mean at a count; NaN at both ends if the rows cannot tell. */
  Interval interval(int numVisionTokens) {
    double[] all = scores.get(numVisionTokens);
    int[] rows = scoredRows(all, all);
    if (rows.length < 2) {
      return new Interval(Double.NaN, Double.NaN);
    }
    return MeanInterval.of(at(all, rows), clusters(rows), bootstrap(ClusterBootstrap.DRAWS));
  }

  /** Every pair of counts, in ascending order. */
  List<Comparison> comparisons() {
    List<Comparison> pairs = new ArrayList<>();
    List<Integer> counts = List.copyOf(scores.keySet());
    for (int i = 0; i < counts.size(); i++) {
      for (int j = i + 1; j < counts.size(); j++) {
        compare(counts.get(i), counts.get(j), pairs);
      }
    }
    List<Double> corrected = SeveralTests.holm(pairs.stream().map(Comparison::p).toList());
    List<Comparison> all = new ArrayList<>();
    for (int i = 0; i < pairs.size(); i++) {
      Comparison pair = pairs.get(i);
      all.add(
          new Comparison(
              pair.lower(),
              pair.higher(),
              pair.difference(),
              pair.interval(),
              pair.p(),
              corrected.get(i)));
    }
    return all;
  }

  private void compare(int lower, int higher, List<Comparison> pairs) {
    int[] rows = scoredRows(scores.get(lower), scores.get(higher));
    Clusters clusters = clusters(rows);
    if (clusters.size() < 2) {
      return;
    }
    double[] low = at(scores.get(lower), rows);
    double[] high = at(scores.get(higher), rows);
    PairedComparison paired = PairedComparison.of(high, low, clusters);
    boolean isSigns = clusters.areSingle() && areZeroOrOne(low) && areZeroOrOne(high);
    double p = isSigns ? paired.mcNemarP() : PairedComparison.signFlipP(high, low, clusters, SEED);
    pairs.add(
        new Comparison(lower, higher, paired.meanDifference(), paired.interval(), p, Double.NaN));
  }

  private static int[] scoredRows(double[] first, double[] second) {
    return IntStream.range(0, first.length)
        .filter(row -> !Double.isNaN(first[row]) && !Double.isNaN(second[row]))
        .toArray();
  }

  private static double[] at(double[] values, int[] rows) {
    return Arrays.stream(rows).mapToDouble(row -> values[row]).toArray();
  }

  private Clusters clusters(int[] rows) {
    return Clusters.of(Arrays.stream(rows).mapToObj(clusterKeys::get).toList());
  }

  private static boolean areZeroOrOne(double[] values) {
    return Arrays.stream(values).allMatch(value -> value == 0 || value == 1);
  }
}
