package io.tokenflex.benchmark;

import io.tokenflex.score.ChoiceRule;
import io.tokenflex.score.MathVistaScorer;

/**
 * Which of several published rules score a benchmark; a summary names them, since numbers by
 * different rules are different measurements.
 *
 * @param choice how a letter is read
 * @param mmmu whose rule for MMMU
 * @param mathVista what is decided without a judge
 * @param captions what is done to captions first
 */
public record ScoringRules(
    ChoiceRule choice, Mmmu mmmu, MathVistaScorer.Variant mathVista, Captions captions) {

  /** Whose rule for MMMU. */
  public enum Mmmu {
    VLMEVALKIT,
    AUTHORS
  }

  /** What is done to captions and references before they are compared. */
  public enum Captions {
    /** As the COCO authors and lmms-eval do. */
    TOKENIZED,
    /** As VLMEvalKit does: case and punctuation count. */
    AS_THEY_ARE
  }

  /**
   * The defaults: the choice rule of the paper's time, and else what scores more than VLMEvalKit
   * without a judge: numbers of the right type decide in MathVista, captions are tokenized.
   */
  public static ScoringRules defaults(ChoiceRule choice) {
    return new ScoringRules(
        choice, Mmmu.VLMEVALKIT, MathVistaScorer.Variant.BY_TYPE, Captions.TOKENIZED);
  }

  /** VLMEvalKit's throughout. */
  public static ScoringRules vlmEvalKit(ChoiceRule choice) {
    return new ScoringRules(
        choice, Mmmu.VLMEVALKIT, MathVistaScorer.Variant.VLMEVALKIT, Captions.AS_THEY_ARE);
  }
}
