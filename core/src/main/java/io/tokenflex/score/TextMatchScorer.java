package io.tokenflex.score;

import io.tokenflex.python.PythonText;

/**
 * Equal after trimming, without regard to case and to one full stop at the end of either text: so
 * {@code B.} is {@code b}, and {@code B. No} is not; any of the listed answers will do. Not a rule
 * of a public benchmark.
 */
public final class TextMatchScorer implements Scorer {
  @Override
  public Score score(Reference reference, String prediction) {
    String given = plain(prediction);
    return Score.of(
        reference.asListed().stream().anyMatch(answer -> plain(answer).equals(given)), given);
  }

  private static String plain(String text) {
    String stripped = PythonText.strip(text);
    boolean isSentence = stripped.length() > 1 && stripped.endsWith(".");
    return PythonText.lower(
        isSentence ? PythonText.strip(stripped.substring(0, stripped.length() - 1)) : stripped);
  }
}
