package io.tokenflex.score;

import io.tokenflex.python.PythonText;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The letter that an answer to a multiple-choice question stands for: {@code can_infer} of
 * VLMEvalKit (vlmeval/utils/matching_util.py). The environment variable VERBOSE, which changes the
 * original, is taken as unset.
 */
public final class ChoiceLetters {
  /** The letter of an answer that chooses none of the options. */
  public static final String NONE_OF_THEM = "Z";

  private static final String FAILED_CALL = "Failed to obtain answer via API";
  private static final List<String> REFUSALS =
      List.of(
          "Sorry, I can't help with images of people yet.",
          "I can't process this file.",
          "I'm sorry, but without the image provided",
          "Cannot determine the answer");
  private static final Pattern PUNCTUATION = Pattern.compile("[.()\\[\\],:;!*#{}]");

  /** The letter needs no word boundary behind it: "the answer is dog" gives D. */
  private static final Pattern ANSWER_IS =
      Pattern.compile(
          "answer[" + PythonText.WHITE_SPACE + "]+is[" + PythonText.WHITE_SPACE + "]+\\**([ABCD])",
          Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE);

  /** A letter must begin within that many words from the end. */
  private static final int LAST_WORDS = 4;

  private final ChoiceRule rule;

  public ChoiceLetters(ChoiceRule rule) {
    this.rule = rule;
  }

  /**
   * The letter of an answer, {@link #NONE_OF_THEM} if it says that none fits, or empty.
   *
   * @param choices letter to text of the options that are shown
   */
  public Optional<String> read(String prediction, Map<String, String> choices) {
    return byLetter(prediction, choices).or(() -> byText(prediction, choices));
  }

  private Optional<String> byLetter(String prediction, Map<String, String> choices) {
    if (prediction.contains(FAILED_CALL)) {
      return Optional.empty();
    }
    if (REFUSALS.stream().anyMatch(prediction::contains)) {
      return Optional.of(NONE_OF_THEM);
    }
    List<String> words = PythonText.split(PUNCTUATION.matcher(prediction).replaceAll(" "));
    List<String> named = choices.keySet().stream().filter(words::contains).toList();
    if (named.size() == 1) {
      String letter = named.get(0);
      if (rule == ChoiceRule.APRIL_2025 || words.indexOf(letter) >= words.size() - LAST_WORDS) {
        return Optional.of(letter);
      }
    } else if (named.isEmpty() && words.contains(NONE_OF_THEM)) {
      return Optional.of(NONE_OF_THEM);
    }
    return rule == ChoiceRule.JUNE_2026 ? byPhrase(prediction, choices) : Optional.empty();
  }

  private static Optional<String> byPhrase(String prediction, Map<String, String> choices) {
    Matcher phrase = ANSWER_IS.matcher(prediction);
    return phrase.find()
        ? Optional.of(PythonText.upper(phrase.group(1))).filter(choices::containsKey)
        : Optional.empty();
  }

  private Optional<String> byText(String prediction, Map<String, String> choices) {
    String answer = PythonText.lower(prediction);
    int optionLengths = choices.values().stream().mapToInt(PythonText::length).sum();
    if (rule != ChoiceRule.APRIL_2025 && PythonText.length(answer) > 2 * optionLengths) {
      return Optional.empty();
    }
    List<String> contained =
        choices.keySet().stream()
            .filter(letter -> answer.contains(PythonText.lower(choices.get(letter))))
            .toList();
    return contained.size() == 1 ? Optional.of(contained.get(0)) : Optional.empty();
  }
}
