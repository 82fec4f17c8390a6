package io.tokenflex.judge;

import io.tokenflex.python.PythonNumbers;
import io.tokenflex.score.Outcome;
import io.tokenflex.score.Reference;
import io.tokenflex.score.Score;
import java.util.OptionalDouble;

/**
 * MM-Vet: the judge alone scores, by a number from 0 to 1; asked up to five times, each time at a
 * higher temperature. A reply {@code nan} ends the asking as in VLMEvalKit, but leaves the row
 * unscored, and so does giving up, which is a 0 there.
 */
public final class MmVetJudge implements JudgedScorer {
  private static final int TRIES = 5;
  private static final double STEP = 0.5;

  private final JudgePrompts prompts;

  public MmVetJudge(JudgePrompts prompts) {
    this.prompts = prompts;
  }

  @Override
  public Judged score(Reference reference, String question, String prediction, Judge judge) {
    String prompt = prompts.mmVet(question, reference.answer(), prediction);
    for (int calls = 0; calls < TRIES; calls++) {
      OptionalDouble number =
          Asking.ask(judge, prompt, STEP * calls)
              .map(PythonNumbers::parseFloat)
              .orElse(OptionalDouble.empty());
      if (number.isPresent() && !(number.getAsDouble() < 0) && !(number.getAsDouble() > 1)) {
        double value = number.getAsDouble();
        String read = PythonNumbers.text(value);
        Score score =
            Double.isNaN(value) ? new Score(value, Outcome.UNSCORED, read) : Score.of(value, read);
        return new Judged(score, calls + 1);
      }
    }
    return new Judged(Score.unscored(), TRIES);
  }
}
