package io.tokenflex.score;

import java.util.SortedMap;
import java.util.TreeMap;

/**
 * MMMU as VLMEvalKit scores it: after the model has answered, an open question becomes a choice
 * between the whole answer cell (A) and the words "Other Answers" (B). So "A sum of ..." is right,
 * {@code .5} against {@code 0.5} is wrong, and an open answer that is one capital letter can never
 * be right (its issue 1617).
 */
public final class MmmuChoiceScorer implements Scorer {
  private static final String OPEN = "A";

  private final ChoiceScorer choice;

  public MmmuChoiceScorer(ChoiceRule rule) {
    this.choice = new ChoiceScorer(rule);
  }

  @Override
  public Score score(Reference reference, String prediction) {
    SortedMap<String, String> choices = new TreeMap<>(reference.choices());
    if (!choices.containsKey(OPEN)) {
      choices.put(OPEN, reference.answer());
      choices.put("B", "Other Answers");
    }
    String letter = isCapitalLetter(reference.answer()) ? reference.answer() : OPEN;
    return choice.score(Reference.of(letter, choices), prediction);
  }

  private static boolean isCapitalLetter(String text) {
    return text.length() == 1 && text.charAt(0) >= 'A' && text.charAt(0) <= 'Z';
  }
}
