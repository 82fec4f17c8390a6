package io.tokenflex.judge;

import io.tokenflex.score.ChoiceLetters;
import io.tokenflex.score.ChoiceRule;
import io.tokenflex.score.Reference;
import io.tokenflex.score.Score;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Multiple choice with a judge: asked for the letter where the rule finds none, up to three times;
 * its replies go through the same rule. Where VLMEvalKit then draws a letter at random the row is
 * unscored.
 */
public final class ChoiceJudge implements JudgedScorer {
  private static final int TRIES = 3;

  private final ChoiceLetters letters;
  private final JudgePrompts prompts;

  public ChoiceJudge(ChoiceRule rule, JudgePrompts prompts) {
    this.letters = new ChoiceLetters(rule);
    this.prompts = prompts;
  }

  @Override
  public Judged score(Reference reference, String question, String prediction, Judge judge) {
    Map<String, String> choices = reference.choices();
    Optional<String> letter = letters.read(prediction, choices);
    String options =
        choices.entrySet().stream()
            .map(option -> option.getKey() + ". " + option.getValue())
            .collect(Collectors.joining("\n"));
    String prompt = prompts.choice(question, options, prediction);
    int calls = 0;
    while (letter.isEmpty() && calls < TRIES) {
      calls++;
      letter = Asking.ask(judge, prompt, 0).flatMap(reply -> letters.read(reply, choices));
    }
    return new Judged(
        letter
            .map(read -> Score.of(read.equals(reference.answer()), read))
            .orElseGet(Score::unscored),
        calls);
  }
}
