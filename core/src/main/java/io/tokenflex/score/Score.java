package io.tokenflex.score;

/**
 * What one answer is worth.
 *
 * @param value from 0 to 1; 0 for rows that are unparsed, NaN for rows that are unscored
 * @param read what the rule took from the answer, for instance a letter; empty if nothing
 */
public record Score(double value, Outcome outcome, String read) {

  /** Right or wrong. */
  public static Score of(boolean right, String read) {
    return new Score(right ? 1 : 0, right ? Outcome.RIGHT : Outcome.WRONG, read);
  }

  /** A score between 0 and 1. */
  public static Score of(double value, String read) {
    if (value <= 0) {
      return new Score(value, Outcome.WRONG, read);
    }
    return new Score(value, value < 1 ? Outcome.PARTIAL : Outcome.RIGHT, read);
  }

  /** The rule found nothing in the answer. */
  public static Score unparsed() {
    return new Score(0, Outcome.UNPARSED, "");
  }

  /** A judge would have to say. */
  public static Score unscored() {
    return new Score(Double.NaN, Outcome.UNSCORED, "");
  }

  /** Whether the row counts in a mean. */
  public boolean isScored() {
    return outcome != Outcome.UNSCORED;
  }
}
