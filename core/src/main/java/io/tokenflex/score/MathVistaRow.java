package io.tokenflex.score;

import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.python.PythonLiteral;
import java.util.List;
import java.util.OptionalInt;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What MathVista's rules need of a row.
 *
 * @param questionType {@code multi_choice} or {@code free_form}
 * @param answerType {@code text}, {@code integer}, {@code float} or {@code list}
 * @param precision digits behind the point, of floats
 * @param choices texts of the options, in order; empty if there are none
 * @param answer the expected answer as text
 * @param answerOption the right letter; empty if there are no options
 */
public record MathVistaRow(
    String questionType,
    String answerType,
    OptionalInt precision,
    List<String> choices,
    String answer,
    String answerOption) {
  private static final String CHOICE = "multi_choice";

  public MathVistaRow {
    choices = List.copyOf(choices);
  }

  /**
   * The row of a table.
   *
   * @throws InvalidInputException if a column is missing or holds something else
   */
  public static MathVistaRow of(Reference reference) {
    String choices = reference.attribute("choices").orElse("[]");
    return new MathVistaRow(
        reference.requiredAttribute("question_type"),
        reference.requiredAttribute("answer_type"),
        reference
            .attribute("precision")
            .map(text -> OptionalInt.of((int) Double.parseDouble(text)))
            .orElse(OptionalInt.empty()),
        PythonLiteral.parseTexts(choices)
            .orElseThrow(
                () ->
                    new InvalidInputException(
                        "MathVista: choices is '" + choices + "'; expected a Python list")),
        reference.answer(),
        reference.attribute("answer_option").orElse(""));
  }

  boolean isChoice() {
    return questionType.equals(CHOICE);
  }

  /** The options with letters from A on. */
  SortedMap<String, String> lettered() {
    SortedMap<String, String> lettered = new TreeMap<>();
    for (int i = 0; i < choices.size(); i++) {
      lettered.put(String.valueOf((char) ('A' + i)), choices.get(i));
    }
    return lettered;
  }
}
