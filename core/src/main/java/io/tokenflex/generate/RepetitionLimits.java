package io.tokenflex.generate;

import java.util.Arrays;

/**
 * Changes logits so that an answer repeats itself less, as transformers does (generation/
 * logits_process.py: {@code RepetitionPenaltyLogitsProcessor}, {@code
 * NoRepeatNGramLogitsProcessor}).
 */
final class RepetitionLimits {
  private RepetitionLimits() {}

  /**
   * Applies both limits of a configuration.
   *
   * @param logits of the next token; changed
   * @param ids prompt and answer so far
   */
  static void apply(GenerationConfig config, float[] logits, long[] ids) {
    if (config.repetitionPenalty() != 1) {
      penalize(logits, ids, config.repetitionPenalty());
    }
    if (config.noRepeatNgramSize() > 0) {
      forbidRepeatedNgrams(logits, ids, config.noRepeatNgramSize());
    }
  }

  /** Once for every token that occurs, however often it does. */
  static void penalize(float[] logits, long[] ids, double penalty) {
    long[] distinct = Arrays.stream(ids).distinct().toArray();
    for (long id : distinct) {
      float logit = logits[(int) id];
      logits[(int) id] = (float) (logit < 0 ? logit * penalty : logit / penalty);
    }
  }

  /** A token that would complete an n-gram that is there already gets probability 0. */
  static void forbidRepeatedNgrams(float[] logits, long[] ids, int size) {
    int prefix = size - 1;
    int last = ids.length - prefix;
    for (int start = 0; start + size <= ids.length; start++) {
      if (Arrays.equals(ids, start, start + prefix, ids, last, ids.length)) {
        logits[(int) ids[start + prefix]] = Float.NEGATIVE_INFINITY;
      }
    }
  }
}
