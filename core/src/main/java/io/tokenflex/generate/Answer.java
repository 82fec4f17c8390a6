package io.tokenflex.generate;

import static java.util.Objects.requireNonNull;

import java.io.Serializable;

/**
 * What a model answered to a {@link Prompt}.
 *
 * @param numNewTokens number of generated tokens, including those that ended the answer
 * @param confidence how sure the model was
 * @param cost what reading the prompt took
 */
public record Answer(
    String text, int numNewTokens, FinishReason finish, Confidence confidence, Cost cost) {
  public Answer {
    requireNonNull(text, "text");
    requireNonNull(finish, "finish");
    requireNonNull(confidence, "confidence");
    requireNonNull(cost, "cost");
  }

  /** An answer that the model ended, of tokens without an alternative, whose cost is not known. */
  public Answer(String text, int numNewTokens) {
    this(text, numNewTokens, FinishReason.END_TOKEN, Confidence.CERTAIN, Cost.UNKNOWN);
  }

  /** The same answer at another cost. */
  public Answer withCost(Cost newCost) {
    return new Answer(text, numNewTokens, finish, confidence, newCost);
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
      double meanLogProbability, double minLogProbability, double firstTokenMargin)
      implements Serializable {
    /** Of tokens without an alternative. */
    public static final Confidence CERTAIN = new Confidence(0, 0, 1);
  }

  /**
   * What it took to come to the answer, before its first token.
   *
   * @param numVisionTokens vision tokens an image or tile that the answer was generated at
   * @param visionTokensTried the sum of that number and of those at which an answer was generated
   *     and given up; 0 without images
   * @param prefillFlops floating-point operations of vision tower, projector and decoder over the
   *     prompt ({@link io.tokenflex.model.PrefillFlops}); the tower counts once, however often its
   *     features are used
   */
  public record Cost(int numVisionTokens, int visionTokensTried, long prefillFlops)
      implements Serializable {
    /** Of an answer that no model generated. */
    public static final Cost UNKNOWN = new Cost(0, 0, 0);
  }
}
