package io.tokenflex.adaptive;

import io.tokenflex.failure.InvalidInputException;
import java.util.List;

/**
 * Chooses a count before the first answer: for each, a logistic regression on pooled features tells
 * how probable a right answer is; the smallest that loses at most {@code maxLoss} to the largest is
 * taken.
 *
 * @param levels by ascending count
 */
public record Selector(List<Level> levels, double maxLoss) {
  /**
   * One count.
   *
   * @param weights of the features
   */
  public record Level(int numVisionTokens, double bias, List<Double> weights) {
    public Level {
      weights = List.copyOf(weights);
    }

    /** Expected score of an answer. */
    double probability(float[] features) {
      if (features.length != weights.size()) {
        throw new InvalidInputException(
            features.length
                + " features but "
                + weights.size()
                + " weights; the calibration was made for another model: run tokenflex calibrate");
      }
      double sum = bias;
      for (int i = 0; i < features.length; i++) {
        sum += weights.get(i) * features[i];
      }
      return LogisticFit.sigmoid(sum);
    }
  }

  public Selector {
    levels = List.copyOf(levels);
  }

  /** The count for a prompt. */
  int choose(float[] features) {
    double[] probabilities =
        levels.stream().mapToDouble(level -> level.probability(features)).toArray();
    return levels.get(choose(probabilities, maxLoss)).numVisionTokens();
  }

  /** The first place whose probability is at most {@code maxLoss} below the last one's. */
  static int choose(double[] probabilities, double maxLoss) {
    int last = probabilities.length - 1;
    for (int i = 0; i < last; i++) {
      if (probabilities[last] - probabilities[i] <= maxLoss) {
        return i;
      }
    }
    return last;
  }
}
