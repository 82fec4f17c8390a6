package io.tokenflex.tokens;

import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.random.SeededHash;
import java.util.List;
import java.util.Locale;

/**
 * Draws the number of vision tokens for each step (TokenFLEX, arXiv 2504.03154, section 3.2).
 *
 * <p>A pure function of step and seed: all ranks and resumed runs draw the same counts without
 * communication.
 */
public sealed interface TokenCountSchedule {

  /** The count of optimizer step {@code step}, counted from 0. */
  VisionTokenCount countAt(long step);

  /** All counts that can be drawn, ascending. */
  List<VisionTokenCount> counts();

  /** The same count at every step: the paper's baseline. */
  record Fixed(VisionTokenCount count) implements TokenCountSchedule {
    @Override
    public VisionTokenCount countAt(long step) {
      return count;
    }

    @Override
    public List<VisionTokenCount> counts() {
      return List.of(count);
    }
  }

  /** Independent draws with probabilities proportional to the weights. */
  record Weighted(List<VisionTokenCount> counts, List<Double> weights, long seed)
      implements TokenCountSchedule {
    public Weighted {
      counts = List.copyOf(counts);
      weights = List.copyOf(weights);
      if (counts.isEmpty() || counts.size() != weights.size()) {
        throw new InvalidInputException(
            String.format(
                Locale.ROOT,
                "%d token counts but %d weights; give one weight for each count, at least one",
                counts.size(),
                weights.size()));
      }
      for (int i = 0; i < counts.size(); i++) {
        if (!(weights.get(i) > 0) || weights.get(i).isInfinite()) {
          throw new InvalidInputException(
              "The weight of %s vision tokens is %s; it must be a positive number"
                  .formatted(counts.get(i), weights.get(i)));
        }
        if (i > 0 && counts.get(i).side() <= counts.get(i - 1).side()) {
          throw new InvalidInputException(
              "Token counts %s are not in ascending order without repeats".formatted(counts));
        }
      }
    }

    @Override
    public VisionTokenCount countAt(long step) {
      double total = weights.stream().mapToDouble(Double::doubleValue).sum();
      double left = SeededHash.of(seed, "token-count").with(step).toUnitInterval() * total;
      for (int i = 0; i < counts.size() - 1; i++) {
        left -= weights.get(i);
        if (left < 0) {
          return counts.get(i);
        }
      }
      return counts.get(counts.size() - 1);
    }
  }
}
