package io.tokenflex.judge;

import io.tokenflex.score.Reference;
import io.tokenflex.score.Score;
import io.tokenflex.score.YesNoScorer;

/**
 * Yes/no with a judge: asked where the rule finds neither word alone, up to five times, each time
 * at a higher temperature.
 */
public final class YesNoJudge implements JudgedScorer {
  private static final int TRIES = 5;
  private static final double STEP = 0.5;

  private final JudgePrompts prompts;

  public YesNoJudge(JudgePrompts prompts) {
    this.prompts = prompts;
  }

  @Override
  public Judged score(Reference reference, String question, String prediction, Judge judge) {
    String read = YesNoScorer.read(prediction);
    int calls = 0;
    String prompt = prompts.yesNo(question, prediction);
    while (read.equals(YesNoScorer.UNKNOWN) && calls < TRIES) {
      read =
          Asking.ask(judge, prompt, STEP * calls)
              .map(YesNoScorer::read)
              .orElse(YesNoScorer.UNKNOWN);
      calls++;
    }
    return new Judged(
        read.equals(YesNoScorer.UNKNOWN)
            ? Score.unscored()
            : Score.of(read.equals(reference.answer()), read),
        calls);
  }
}
