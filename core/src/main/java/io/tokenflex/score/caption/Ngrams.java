package io.tokenflex.score.caption;

import io.tokenflex.python.PythonText;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Runs of words of a text and how often each occurs. */
final class Ngrams {
  static final int MAX_LENGTH = 4;

  private Ngrams() {}

  /** Of one to four words. */
  static Map<List<String>, Integer> count(String text) {
    List<String> words = PythonText.split(text);
    Map<List<String>, Integer> counts = new HashMap<>();
    for (int length = 1; length <= MAX_LENGTH; length++) {
      for (int start = 0; start + length <= words.size(); start++) {
        counts.merge(List.copyOf(words.subList(start, start + length)), 1, Integer::sum);
      }
    }
    return counts;
  }
}
