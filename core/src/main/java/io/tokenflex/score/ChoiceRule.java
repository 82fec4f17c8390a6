package io.tokenflex.score;

import io.tokenflex.failure.InvalidInputException;
import java.util.Arrays;

/** States of VLMEvalKit's rule for letters, by the month from which on it was used. */
public enum ChoiceRule {
  /** Of April 2025, with which the TokenFLEX paper's numbers were made. */
  APRIL_2025("2025-04"),
  /**
   * A letter counts among the last four words only, and long answers are not searched for texts.
   */
  AUGUST_2025("2025-08"),
  /** Before options' texts, the letter behind "answer is" is taken. */
  JUNE_2026("2026-06");

  private final String date;

  ChoiceRule(String date) {
    this.date = date;
  }

  /**
   * By the date that {@link #toString} gives.
   *
   * @throws InvalidInputException for any other text
   */
  public static ChoiceRule named(String date) {
    return Arrays.stream(values())
        .filter(rule -> rule.date.equals(date))
        .findFirst()
        .orElseThrow(
            () ->
                new InvalidInputException(
                    "choiceRule is '" + date + "'; expected one of " + Arrays.toString(values())));
  }

  @Override
  public String toString() {
    return date;
  }
}
