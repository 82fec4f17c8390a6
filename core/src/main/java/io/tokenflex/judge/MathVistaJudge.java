package io.tokenflex.judge;

import io.tokenflex.score.MathVistaRow;
import io.tokenflex.score.MathVistaScorer;
import io.tokenflex.score.Reference;
import io.tokenflex.score.Score;
import java.util.Optional;

/**
 * MathVista with a judge, which extracts the answer from what the rule cannot decide. Only failed
 * calls are tried again, five in all; the first reply is compared as it is.
 */
public final class MathVistaJudge implements JudgedScorer {
  private static final int TRIES = 5;
  private static final double STEP = 0.5;

  private final MathVistaScorer scorer;
  private final JudgePrompts prompts;

  public MathVistaJudge(MathVistaScorer scorer, JudgePrompts prompts) {
    this.scorer = scorer;
    this.prompts = prompts;
  }

  @Override
  public Judged score(Reference reference, String question, String prediction, Judge judge) {
    return score(MathVistaRow.of(reference), question, prediction, judge);
  }

  /** Scores a row that was read before. */
  public Judged score(MathVistaRow row, String question, String prediction, Judge judge) {
    Score byRule = scorer.score(row, prediction);
    if (byRule.isScored()) {
      return new Judged(byRule, 0);
    }
    String prompt = prompts.mathVista(question, prediction);
    for (int calls = 0; calls < TRIES; calls++) {
      Optional<String> extracted = Asking.ask(judge, prompt, STEP * calls);
      if (extracted.isPresent()) {
        Score score = scorer.scoreReply(row, extracted.get());
        return new Judged(new Score(score.value(), score.outcome(), extracted.get()), calls + 1);
      }
    }
    return new Judged(Score.unscored(), TRIES);
  }
}
