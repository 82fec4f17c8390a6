package io.tokenflex.score;

/**
 * One rule of scoring. A pure function: the same row and answer always get the same score, and it
 * can be called from several threads.
 */
@FunctionalInterface
public interface Scorer {
  /**
   * Scores one answer.
   *
   * @param prediction the model's text, unchanged
   */
  Score score(Reference reference, String prediction);
}
