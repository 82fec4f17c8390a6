package io.tokenflex.statistics;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** p-values of several tests at once, in the order given. */
public final class SeveralTests {
  private SeveralTests() {}

  /** Holm (1979): the chance of any false finding stays below the level. */
  public static List<Double> holm(List<Double> p) {
    int[] order = ascending(p);
    double[] adjusted = new double[order.length];
    double largest = 0;
    for (int i = 0; i < order.length; i++) {
      largest = Math.max(largest, Math.min(1, (order.length - i) * p.get(order[i])));
      adjusted[order[i]] = largest;
    }
    return Arrays.stream(adjusted).boxed().toList();
  }

  /** Benjamini and Hochberg (1995): the expected share of false findings stays below the level. */
  public static List<Double> benjaminiHochberg(List<Double> p) {
    int[] order = ascending(p);
    double[] adjusted = new double[order.length];
    double smallest = 1;
    for (int i = order.length - 1; i >= 0; i--) {
      smallest = Math.min(smallest, order.length * p.get(order[i]) / (i + 1));
      adjusted[order[i]] = smallest;
    }
    return Arrays.stream(adjusted).boxed().toList();
  }

  private static int[] ascending(List<Double> p) {
    return IntStream.range(0, p.size())
        .boxed()
        .sorted((a, b) -> Double.compare(p.get(a), p.get(b)))
        .mapToInt(Integer::intValue)
        .toArray();
  }
}
