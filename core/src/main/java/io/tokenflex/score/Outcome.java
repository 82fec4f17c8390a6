package io.tokenflex.score;

/** How the scoring of one row ended. */
public enum Outcome {
  RIGHT,
  WRONG,
  /** Between right and wrong: the score says where. */
  PARTIAL,
  /** The rule found nothing to compare in the answer: counts as wrong, and is counted apart. */
  UNPARSED,
  /** A judge is wanted, and there is none or it failed: the row is in no mean. */
  UNSCORED
}
