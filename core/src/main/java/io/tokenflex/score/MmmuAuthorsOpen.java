package io.tokenflex.score;

import io.tokenflex.python.PythonNumbers;
import io.tokenflex.python.PythonText;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The MMMU authors' rule for open questions ({@code parse_open_response}, {@code eval_open}): texts
 * and numbers are collected from the answer; right if a number is one of the expected, or a text
 * contains one of the expected texts.
 */
public final class MmmuAuthorsOpen {
  private static final List<String> INDICATORS =
      List.of("could be ", "so ", "is ", "thus ", "therefore ", "final ", "answer ", "result ");
  private static final Set<String> TRIVIAL = Set.of(":", ",", ".", "!", "?", ";", "'");

  // Python's \b and \d in Java: letters, numbers of all kinds and the underscore make words.
  private static final String WORD = "[\\p{L}\\p{N}_]";
  private static final String BORDER =
      "(?:(?<=" + WORD + ")(?!" + WORD + ")|(?<!" + WORD + ")(?=" + WORD + "))";
  private static final String DIGIT = "\\p{Nd}";
  private static final String EXPONENT = "[eE][+-]?" + DIGIT + "+";
  private static final List<Pattern> NUMBERS =
      List.of(
          Pattern.compile("-?" + BORDER + DIGIT + "{1,3}(?:," + DIGIT + "{3})+" + BORDER),
          Pattern.compile("-?" + DIGIT + "+(?:\\." + DIGIT + "+)?" + EXPONENT),
          Pattern.compile(
              "-?(?:%1$s+\\.%1$s+|\\.%1$s+|%1$s+%2$s)(?!%3$s)(?![,%1$s])"
                  .formatted(DIGIT, BORDER, EXPONENT)));
  private static final int DECIMALS = 2;

  private MmmuAuthorsOpen() {}

  /** What may be the answer: {@link String} and {@link Double}, each once. */
  public static Set<Object> candidates(String prediction) {
    List<String> texts = new ArrayList<>(keyParts(prediction));
    for (String part : List.copyOf(texts)) {
      texts.addAll(numbers(part));
    }
    Set<Object> candidates = new LinkedHashSet<>();
    texts.forEach(text -> candidates.addAll(normal(text)));
    return candidates;
  }

  /** Whether one of the candidates is one of the answers. */
  public static boolean isRight(List<String> answers, Set<Object> candidates) {
    List<Object> expected = new ArrayList<>();
    answers.forEach(answer -> expected.addAll(normal(answer)));
    for (Object candidate : candidates) {
      for (Object answer : expected) {
        if (matches(candidate, answer)) {
          return true;
        }
      }
    }
    return false;
  }

  /** Numbers as Python compares them: nan equals nothing, 0.0 equals -0.0. */
  private static boolean matches(Object candidate, Object answer) {
    if (candidate instanceof String text) {
      return answer instanceof String part && text.contains(part);
    }
    return candidate instanceof Double given
        && answer instanceof Double number
        && given.doubleValue() == number.doubleValue();
  }

  /** Matches of all patterns, one pattern after the other. */
  private static List<String> numbers(String text) {
    List<String> found = new ArrayList<>();
    for (Pattern pattern : NUMBERS) {
      Matcher matcher = pattern.matcher(text);
      while (matcher.find()) {
        found.add(matcher.group());
      }
    }
    return found;
  }

  /** The shortest tail behind an indicator of each line, or the whole text. */
  private static List<String> keyParts(String prediction) {
    String response = PythonText.lower(PythonText.strip(PythonText.strip(prediction), '.'));
    List<String> lines = PythonText.split(response, "\n");
    List<String> parts = new ArrayList<>();
    for (int i = 0; i < lines.size(); i++) {
      List<String> indicators = new ArrayList<>(INDICATORS);
      if (i == lines.size() - 1) {
        indicators.add("=");
      }
      String shortest = shortestTail(lines.get(i), indicators);
      if (!shortest.isEmpty() && !TRIVIAL.contains(shortest)) {
        parts.add(shortest);
      }
    }
    return parts.isEmpty() ? List.of(response) : List.copyOf(parts);
  }

  private static String shortestTail(String line, List<String> indicators) {
    String shortest = "";
    for (String indicator : indicators) {
      int at = line.lastIndexOf(indicator);
      if (at >= 0) {
        // Pieces are counted from the left, so an indicator that overlaps itself would differ;
        // none of them does.
        String tail = PythonText.strip(line.substring(at + indicator.length()));
        if (shortest.isEmpty() || PythonText.length(tail) < PythonText.length(shortest)) {
          shortest = tail;
        }
      }
    }
    return shortest;
  }

  /**
   * A number of two digits behind the point, or a text; of one character with a blank at a side.
   */
  private static List<Object> normal(String raw) {
    String text = PythonText.strip(raw);
    OptionalDouble number = PythonNumbers.parseFloat(text.replace(",", ""));
    if (number.isPresent()) {
      return List.of(PythonNumbers.round(number.getAsDouble(), DECIMALS));
    }
    String lower = PythonText.lower(text);
    return PythonText.length(lower) == 1 ? List.of(" " + lower, lower + " ") : List.of(lower);
  }
}
