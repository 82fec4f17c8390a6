package io.tokenflex.generate;

import java.util.Comparator;
import java.util.stream.IntStream;

/** Tokens by falling weight; of equal weights the smaller id first. */
final class Candidates {
  private final double[] weights;
  private final int[] tokens;

  private Candidates(double[] weights, int[] tokens) {
    this.weights = weights;
    this.tokens = tokens;
  }

  /**
   * The largest weights, enough of them to sum to {@code mass}: thresholds fall until they do, so
   * that a vocabulary of which few tokens matter is not sorted.
   *
   * @param weights the largest is 1
   */
  static Candidates reaching(double[] weights, double mass) {
    for (double threshold = 0x1p-5; threshold > 0x1p-60; threshold *= threshold) {
      double least = threshold;
      int[] tokens = IntStream.range(0, weights.length).filter(i -> weights[i] >= least).toArray();
      if (IntStream.of(tokens).mapToDouble(i -> weights[i]).sum() >= mass) {
        return sorted(weights, tokens);
      }
    }
    return sorted(
        weights, IntStream.range(0, weights.length).filter(i -> weights[i] > 0).toArray());
  }

  private static Candidates sorted(double[] weights, int[] tokens) {
    Comparator<Integer> falling = Comparator.comparingDouble((Integer i) -> -weights[i]);
    return new Candidates(
        weights,
        IntStream.of(tokens).boxed().sorted(falling).mapToInt(Integer::intValue).toArray());
  }

  int size() {
    return tokens.length;
  }

  int token(int rank) {
    return tokens[rank];
  }

  double weight(int rank) {
    return weights[tokens[rank]];
  }
}
