package io.tokenflex.jobs.pages.inspect;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Where the bars of a histogram begin and end.
 *
 * @param edges ascending, one more than there are bins
 * @param isLog whether the bins grow by a factor instead of a step
 */
record Bins(List<Double> edges, boolean isLog) {
  private static final int WANTED = 32;

  /** A distribution that spans such a factor shows nothing in bins of equal width. */
  private static final double WIDE = 40;

  Bins {
    edges = List.copyOf(edges);
  }

  /** Bins in which a distribution of whole numbers shows well. */
  static Bins of(Histogram values) {
    long min = values.min();
    long max = values.max();
    if (max - min < WANTED) {
      List<Double> edges = new ArrayList<>();
      for (long value = min; value <= max + 1; value++) {
        edges.add(value - 0.5);
      }
      return new Bins(edges, false);
    }
    boolean isSkewed = max > 4 * Math.max(1, values.quantile(0.95));
    if ((min > 0 && max / (double) min > WIDE) || isSkewed) {
      return logarithmic(Math.max(1, min), max);
    }
    double step = roundStep((max - min) / (double) WANTED);
    List<Double> edges = new ArrayList<>();
    for (double edge = Math.floor(min / step) * step; ; edge += step) {
      edges.add(edge);
      if (edge > max) {
        return new Bins(edges, false);
      }
    }
  }

  private static Bins logarithmic(long min, long max) {
    double factor = Math.pow((max + 1.0) / min, 1.0 / WANTED);
    List<Double> edges = new ArrayList<>();
    for (int i = 0; i <= WANTED; i++) {
      edges.add(min * Math.pow(factor, i));
    }
    return new Bins(edges, true);
  }

  /** The least of 1, 2, 5, 10, 20, ... that is not below. */
  private static double roundStep(double least) {
    double power = Math.pow(10, Math.floor(Math.log10(least)));
    for (int mantissa : new int[] {1, 2, 5}) {
      if (mantissa * power >= least * (1 - 1e-9)) {
        return Math.max(1, mantissa * power);
      }
    }
    return Math.max(1, 10 * power);
  }

  int size() {
    return edges.size() - 1;
  }

  /** Whether each bin holds one whole number. */
  boolean isSingle() {
    return !isLog && edges.get(1) - edges.get(0) == 1 && edges.get(0) % 1 != 0;
  }

  double[] edgeArray() {
    return edges.stream().mapToDouble(Double::doubleValue).toArray();
  }

  int indexOf(long value) {
    int found = Arrays.binarySearch(edgeArray(), (double) value);
    int index = found >= 0 ? found : -found - 2;
    return Math.max(0, Math.min(size() - 1, index));
  }
}
