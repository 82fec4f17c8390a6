package io.tokenflex.score;

import java.util.Optional;

/**
 * Multiple choice: right if the letter of the answer is that of the reference, to the character.
 * MMBench, MMStar, AI2D, ScienceQA and their like.
 */
public final class ChoiceScorer implements Scorer {
  private final ChoiceLetters letters;

  public ChoiceScorer(ChoiceRule rule) {
    this.letters = new ChoiceLetters(rule);
  }

  @Override
  public Score score(Reference reference, String prediction) {
    Optional<String> letter = letters.read(prediction, reference.choices());
    return letter
        .map(read -> Score.of(read.equals(reference.answer()), read))
        .orElseGet(Score::unparsed);
  }
}
