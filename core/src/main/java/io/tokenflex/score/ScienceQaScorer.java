package io.tokenflex.score;

import io.tokenflex.python.PythonText;
import java.util.Optional;

/**
 * ScienceQA as lmms-eval and LLaVA score it: the bare letter in any case, or a capital letter and a
 * full stop at the start; nothing else.
 */
public final class ScienceQaScorer implements Scorer {
  @Override
  public Score score(Reference reference, String prediction) {
    String target = PythonText.lower(PythonText.strip(reference.answer()));
    String given = PythonText.strip(prediction);
    if (PythonText.lower(given).equals(target)) {
      return Score.of(true, given);
    }
    return capitalAndFullStop(given)
        .map(letter -> Score.of(PythonText.lower(letter).equals(target), letter))
        .orElseGet(Score::unparsed);
  }

  private static Optional<String> capitalAndFullStop(String text) {
    if (text.isEmpty()) {
      return Optional.empty();
    }
    int first = text.codePointAt(0);
    int length = Character.charCount(first);
    return Character.isUpperCase(first) && text.startsWith(".", length)
        ? Optional.of(text.substring(0, length))
        : Optional.empty();
  }
}
