package io.tokenflex.score;

import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.python.PythonLiteral;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What an answer is compared with.
 *
 * @param answer the expected answer as it stands in the data, perhaps a list as Python writes it
 * @param choices letter to text of the options that the question shows; empty if it shows none
 * @param attributes further cells of the row by name, for instance {@code category}
 * @param accepted answers that are listed as such, each of them as good as {@code answer}; empty if
 *     the data has no such list
 */
public record Reference(
    String answer,
    SortedMap<String, String> choices,
    Map<String, String> attributes,
    List<String> accepted) {

  public Reference {
    choices = Collections.unmodifiableSortedMap(new TreeMap<>(choices));
    attributes = Map.copyOf(attributes);
    accepted = List.copyOf(accepted);
  }

  /** Of a row whose data has no list of accepted answers. */
  public Reference(
      String answer, SortedMap<String, String> choices, Map<String, String> attributes) {
    this(answer, choices, attributes, List.of());
  }

  /**
   * Listed answers.
   *
   * @param accepted at least one
   */
  public static Reference ofAny(List<String> accepted) {
    return new Reference(accepted.get(0), new TreeMap<>(), Map.of(), accepted);
  }

  /** An answer alone. */
  public static Reference of(String answer) {
    return new Reference(answer, new TreeMap<>(), Map.of());
  }

  /** The right letter and the options. */
  public static Reference of(String letter, Map<String, String> choices) {
    return new Reference(letter, new TreeMap<>(choices), Map.of());
  }

  /** A cell of the row. */
  public Optional<String> attribute(String name) {
    return Optional.ofNullable(attributes.get(name));
  }

  /**
   * A cell that the rule cannot do without.
   *
   * @throws InvalidInputException if it is missing
   */
  public String requiredAttribute(String name) {
    return attribute(name)
        .orElseThrow(
            () ->
                new InvalidInputException(
                    "A row has no cell in column " + name + ", which its rule needs"));
  }

  /**
   * The answers that are listed as accepted, or the answer to the letter.
   *
   * @return at least one
   */
  public List<String> asListed() {
    return accepted.isEmpty() ? List.of(answer) : accepted;
  }

  /**
   * All expected answers: those that are listed, the members of a list as Python writes it, or the
   * answer itself.
   *
   * @throws InvalidInputException if the list is empty or holds something else than texts
   */
  public List<String> answers() {
    if (!accepted.isEmpty()) {
      return accepted;
    }
    List<?> values = PythonLiteral.parseList(answer).orElse(null);
    if (values == null) {
      return List.of(answer);
    }
    for (Object value : values) {
      if (!(value instanceof String)) {
        throw new InvalidInputException(
            "The answers "
                + answer
                + " hold "
                + PythonLiteral.text(value)
                + ", which is no text; put it in quotes");
      }
    }
    return answersAsShown();
  }

  /** All expected answers, numbers among them as Python shows them. */
  public List<String> answersAsShown() {
    if (!accepted.isEmpty()) {
      return accepted;
    }
    List<String> answers = PythonLiteral.parseTexts(answer).orElse(List.of(answer));
    if (answers.isEmpty()) {
      throw new InvalidInputException("The answer is an empty list; expected at least one answer");
    }
    return answers;
  }
}
