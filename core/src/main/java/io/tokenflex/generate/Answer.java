package io.tokenflex.generate;

import static java.util.Objects.requireNonNull;

/**
 * What a model answered to a {@link Prompt}.
 *
 * @param numNewTokens number of generated tokens, including those that ended the answer
 * @param confidence how sure the model was
 */
public record Answer(String text, int numNewTokens, FinishReason finish, Confidence confidence) {
  public Answer {
    requireNonNull(text, "text");
    requireNonNull(finish, "finish");
    requireNonNull(confidence, "confidence");
  }

  /** An answer that the model ended, of tokens without an alternative. */
  public Answer(String text, int numNewTokens) {
    this(text, numNewTokens, FinishReason.END_TOKEN, Confidence.CERTAIN);
  }

  /**
   * How sure a model was of the tokens that it chose, by its own distribution: at temperature 1,
   * without penalties.
   *
   * @param meanLogProbability mean natural logarithm of the tokens' probabilities
   * @param minLogProbability the smallest of them
   * @param firstTokenMargin probability of the likeliest first token less that of the second
   */
  public record Confidence(
      double meanLogProbability, double minLogProbability, double firstTokenMargin) {
    static final Confidence CERTAIN = new Confidence(0, 0, 1);
  }
}
