package io.tokenflex.score;

import io.tokenflex.python.PythonText;

/** Equal after trimming and without regard to case, the best of the answers: GQA and OCR-VQA. */
public final class ExactMatchScorer implements Scorer {
  @Override
  public Score score(Reference reference, String prediction) {
    String given = PythonText.lower(PythonText.strip(prediction));
    return Score.of(
        reference.answers().stream()
            .anyMatch(answer -> PythonText.lower(PythonText.strip(answer)).equals(given)),
        given);
  }
}
