package io.tokenflex.jobs.config;

import io.tokenflex.score.AnlsScorer;
import io.tokenflex.score.ExactMatchScorer;
import io.tokenflex.score.NormalisedMatchScorer;
import io.tokenflex.score.OcrBenchScorer;
import io.tokenflex.score.RelaxedAccuracyScorer;
import io.tokenflex.score.Scorer;
import io.tokenflex.score.TextMatchScorer;
import io.tokenflex.score.VqaAccuracyScorer;
import io.tokenflex.score.VqaNormalisation;
import io.tokenflex.score.YesNoScorer;

/** How an answer to a question of the held-out data is compared with what is expected. */
public enum HeldoutScore {
  /** Without regard to surrounding space, case and one full stop at the end. */
  TEXT,
  /** Without regard to surrounding space and case. */
  EXACT,
  /** After VQA's normalisation: articles, punctuation and numerals. */
  NORMALISED,
  /** VQA accuracy against a list of annotators' answers. */
  VQA,
  /** One minus the edit distance by length, 0 below 0.5. */
  ANLS,
  /** A number within 5 %, or an equal text. */
  RELAXED,
  /** The expected text is contained. */
  CONTAINED,
  /** The one of yes and no that the answer holds. */
  YES_NO;

  /** The rule. */
  public Scorer scorer() {
    return switch (this) {
      case TEXT -> new TextMatchScorer();
      case EXACT -> new ExactMatchScorer();
      case NORMALISED -> new NormalisedMatchScorer();
      case VQA -> new VqaAccuracyScorer(VqaNormalisation.VLMEVALKIT);
      case ANLS -> new AnlsScorer();
      case RELAXED -> new RelaxedAccuracyScorer(RelaxedAccuracyScorer.Variant.VLMEVALKIT);
      case CONTAINED -> new OcrBenchScorer(OcrBenchScorer.Variant.VLMEVALKIT);
      case YES_NO -> new YesNoScorer();
    };
  }
}
