package io.tokenflex.score;

import io.tokenflex.python.PythonText;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * The MMMU authors' letter of an answer ({@code parse_multi_choice_response}): {@code (B)}, else
 * {@code B} and a blank, else {@code B.}, else, in more than five words, texts of options; of
 * several the one that starts last. Where the original draws a letter at random this finds none.
 */
public final class MmmuAuthorsChoice {
  private static final char[] MARKS = {',', '.', '!', '?', ';', ':', '\''};
  private static final int FEW_WORDS = 5;

  private MmmuAuthorsChoice() {}

  /** The letter of an answer, or empty. */
  public static Optional<String> read(String prediction, Map<String, String> choices) {
    String stripped = prediction;
    for (char mark : MARKS) {
      stripped = PythonText.strip(stripped, mark);
    }
    String response = " " + stripped + " ";
    List<String> letters = List.copyOf(choices.keySet());

    List<String> found = where(letters, letter -> response.contains("(" + letter + ")"));
    if (!found.isEmpty()) {
      return last(found, letter -> response.lastIndexOf("(" + letter + ")"));
    }
    found = where(letters, letter -> response.contains(letter + " "));
    if (found.isEmpty()) {
      found = where(letters, letter -> response.contains(letter + "."));
    }
    if (!found.isEmpty()) {
      return last(found, letter -> response.lastIndexOf(" " + letter + " "));
    }
    if (PythonText.split(response).size() <= FEW_WORDS) {
      return Optional.empty();
    }
    String lower = PythonText.lower(response);
    found = where(letters, letter -> lower.contains(PythonText.lower(choices.get(letter))));
    return last(found, letter -> lower.lastIndexOf(PythonText.lower(choices.get(letter))));
  }

  private static List<String> where(List<String> letters, Predicate<String> condition) {
    return letters.stream().filter(condition).toList();
  }

  /** Not found counts as -1; of equal places the first letter. */
  private static Optional<String> last(List<String> letters, Function<String, Integer> place) {
    String best = null;
    for (String letter : letters) {
      if (best == null || place.apply(letter) > place.apply(best)) {
        best = letter;
      }
    }
    return Optional.ofNullable(best);
  }
}
