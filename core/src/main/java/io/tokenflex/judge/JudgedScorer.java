package io.tokenflex.judge;

import io.tokenflex.score.Reference;

/** A rule that may ask a judge. */
@FunctionalInterface
public interface JudgedScorer {
  /**
   * Scores one answer.
   *
   * @param question what the model was asked
   * @param prediction the model's text, unchanged
   */
  Judged score(Reference reference, String question, String prediction, Judge judge);
}
