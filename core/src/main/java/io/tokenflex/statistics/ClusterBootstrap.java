package io.tokenflex.statistics;

import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.random.SeededHash;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.ToDoubleFunction;

/**
 * Draws whole clusters with replacement and takes percentiles of what they give: for means of
 * clustered rows, and for numbers that are no means, such as F1, CIDEr or an average of benchmarks.
 */
public final class ClusterBootstrap {
  /** Draws of a report. */
  public static final int DRAWS = 10_000;

  /** Below that many clusters percentiles are too narrow: take Student's t. */
  public static final int FEW_CLUSTERS = 30;

  private final long seed;
  private final int draws;

  /**
   * Draws so often.
   *
   * @param seed the same seed gives the same interval
   * @param draws for instance {@link #DRAWS}
   * @throws InvalidInputException if there is no draw
   */
  public ClusterBootstrap(long seed, int draws) {
    if (draws < 1) {
      throw new InvalidInputException(draws + " bootstrap draws; expected at least 1");
    }
    this.seed = seed;
    this.draws = draws;
  }

  /**
   * The central share of what the draws give.
   *
   * @param strata drawn apart and each in its own number, for instance the benchmarks of an
   *     average; their rows are numbered from 0 in each
   * @param statistic of the rows of each stratum, a row as often as it was drawn; draws for which
   *     it is NaN are left out
   * @param level for instance 0.95
   */
  public Interval interval(
      List<Clusters> strata, ToDoubleFunction<List<int[]>> statistic, double level) {
    SplittableRandom random = SeededHash.of(seed, "bootstrap").toRandom();
    double[] values = new double[draws];
    for (int draw = 0; draw < draws; draw++) {
      List<int[]> rows = new ArrayList<>();
      for (Clusters clusters : strata) {
        rows.add(drawn(clusters, random));
      }
      values[draw] = statistic.applyAsDouble(rows);
    }
    double[] ascending = Arrays.stream(values).filter(v -> !Double.isNaN(v)).sorted().toArray();
    double tail = (1 - level) / 2;
    return new Interval(percentile(ascending, tail), percentile(ascending, 1 - tail));
  }

  /** The interval of a mean. */
  public Interval ofMean(double[] scores, Clusters clusters, double level) {
    clusters.expectRows(scores);
    return interval(
        List.of(clusters),
        rows -> {
          double sum = 0;
          for (int row : rows.get(0)) {
            sum += scores[row];
          }
          return sum / rows.get(0).length;
        },
        level);
  }

  private static int[] drawn(Clusters clusters, SplittableRandom random) {
    int[][] chosen = new int[clusters.size()][];
    int numRows = 0;
    for (int i = 0; i < chosen.length; i++) {
      chosen[i] = clusters.members().get(random.nextInt(clusters.size()));
      numRows += chosen[i].length;
    }
    int[] rows = new int[numRows];
    int at = 0;
    for (int[] cluster : chosen) {
      System.arraycopy(cluster, 0, rows, at, cluster.length);
      at += cluster.length;
    }
    return rows;
  }

  /** Between the two nearest values, as NumPy does it. */
  private static double percentile(double[] ascending, double fraction) {
    if (ascending.length == 0) {
      return Double.NaN;
    }
    double place = fraction * (ascending.length - 1);
    int below = (int) Math.floor(place);
    int above = Math.min(below + 1, ascending.length - 1);
    return ascending[below] + (place - below) * (ascending[above] - ascending[below]);
  }
}
