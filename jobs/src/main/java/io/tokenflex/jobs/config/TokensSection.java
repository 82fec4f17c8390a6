package io.tokenflex.jobs.config;

import io.tokenflex.tokens.TokenCountSchedule;
import io.tokenflex.tokens.VisionTokenCount;
import java.util.List;

/**
 * How many vision tokens training draws.
 *
 * @param counts squares in ascending order
 * @param weights one for each count; the chance of a count is its weight over their sum
 */
public record TokensSection(List<Integer> counts, List<Double> weights) {
  public TokensSection {
    counts = List.copyOf(counts);
    weights = List.copyOf(weights);
    schedule(counts, weights, 0);
  }

  /** The schedule of a run: fixed if there is one count. */
  public TokenCountSchedule schedule(long seed) {
    return schedule(counts, weights, seed);
  }

  private static TokenCountSchedule schedule(
      List<Integer> counts, List<Double> weights, long seed) {
    List<VisionTokenCount> squares = counts.stream().map(VisionTokenCount::of).toList();
    TokenCountSchedule.Weighted weighted = new TokenCountSchedule.Weighted(squares, weights, seed);
    return squares.size() == 1 ? new TokenCountSchedule.Fixed(squares.get(0)) : weighted;
  }
}
