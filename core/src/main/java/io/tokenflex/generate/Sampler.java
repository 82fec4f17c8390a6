package io.tokenflex.generate;

/**
 * Chooses a token from logits: the likeliest, or one drawn at a temperature from the top p of the
 * probability (nucleus sampling, arXiv 1904.09751), as transformers' {@code
 * TemperatureLogitsWarper} and {@code TopPLogitsWarper} define them.
 */
final class Sampler {
  /** Logits so far below the largest have probabilities that vanish beside it in a double. */
  private static final double NEGLIGIBLE = 40;

  private Sampler() {}

  /** The first of the largest logits. */
  static int likeliest(float[] logits) {
    int best = 0;
    for (int i = 1; i < logits.length; i++) {
      if (logits[i] > logits[best]) {
        best = i;
      }
    }
    return best;
  }

  /**
   * Probabilities of all tokens; 0 outside of the top p, otherwise summing to 1.
   *
   * @param temperature above 0
   */
  static double[] probabilities(float[] logits, double temperature, double topP) {
    double max = logits[likeliest(logits)];
    double[] weights = new double[logits.length];
    double total = 0;
    for (int i = 0; i < logits.length; i++) {
      double below = (max - logits[i]) / temperature;
      if (below <= NEGLIGIBLE) {
        weights[i] = StrictMath.exp(-below);
        total += weights[i];
      }
    }
    if (topP < 1) {
      total = keepTop(weights, topP * total);
    }
    for (int i = 0; i < weights.length; i++) {
      weights[i] /= total;
    }
    return weights;
  }

  /**
   * Sets to 0 what is not needed for the largest weights to reach {@code mass}.
   *
   * @return sum of what is kept
   */
  private static double keepTop(double[] weights, double mass) {
    Candidates candidates = Candidates.reaching(weights, mass);
    double kept = 0;
    int last = 0;
    while (last < candidates.size() && (last == 0 || kept < mass)) {
      kept += candidates.weight(last++);
    }
    double total = 0;
    double[] top = new double[weights.length];
    for (int i = 0; i < last; i++) {
      top[candidates.token(i)] = candidates.weight(i);
      total += candidates.weight(i);
    }
    System.arraycopy(top, 0, weights, 0, weights.length);
    return total;
  }

  /**
   * Draws a token by inverting the cumulative distribution in the order of the ids.
   *
   * @param uniform in [0, 1)
   */
  static int draw(double[] probabilities, double uniform) {
    double cumulative = 0;
    int last = 0;
    for (int i = 0; i < probabilities.length; i++) {
      if (probabilities[i] > 0) {
        cumulative += probabilities[i];
        last = i;
        if (uniform < cumulative) {
          return i;
        }
      }
    }
    return last; // rounding left the sum a little below 1
  }
}
