package io.tokenflex.score;

import io.tokenflex.python.PythonLiteral;
import io.tokenflex.python.PythonNumbers;
import io.tokenflex.python.PythonText;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * MathVista without a judge: what cannot be decided is unscored. {@link #scoreReply} is the same
 * comparison for what a judge extracted.
 */
public final class MathVistaScorer implements Scorer {

  /** What counts as decided. */
  public enum Variant {
    /**
     * VLMEvalKit's {@code post_check}: a letter, or a number that is equal and not 0. Other numbers
     * go to its judge; an answer that is a list is never right (its issue 1679).
     */
    VLMEVALKIT,
    /**
     * A number of the answer's type decides, right or wrong, 0 too; lists are compared as lists.
     */
    BY_TYPE
  }

  private final Variant variant;
  private final ChoiceLetters letters;

  public MathVistaScorer(Variant variant, ChoiceRule rule) {
    this.variant = variant;
    this.letters = new ChoiceLetters(rule);
  }

  @Override
  public Score score(Reference reference, String prediction) {
    return score(MathVistaRow.of(reference), prediction);
  }

  /** Scores the model's own answer. */
  public Score score(MathVistaRow row, String prediction) {
    if (row.isChoice()) {
      return letter(row, prediction).orElseGet(Score::unscored);
    }
    Optional<Score> score = compare(row, prediction);
    if (variant == Variant.VLMEVALKIT) {
      score = score.filter(found -> found.outcome() == Outcome.RIGHT && !isZero(row, prediction));
    }
    return score.orElseGet(Score::unscored);
  }

  /** Scores what a judge extracted: what does not parse is wrong. */
  public Score scoreReply(MathVistaRow row, String extracted) {
    Optional<Score> score = row.isChoice() ? letter(row, extracted) : compare(row, extracted);
    return score.orElseGet(() -> Score.of(false, extracted));
  }

  private Optional<Score> letter(MathVistaRow row, String text) {
    return letters
        .read(text, row.lettered())
        .map(letter -> Score.of(letter.equals(row.answerOption()), letter));
  }

  private static boolean isZero(MathVistaRow row, String prediction) {
    return switch (row.answerType()) {
      case "integer" -> PythonNumbers.parseInt(prediction).equals(Optional.of(BigInteger.ZERO));
      case "float" -> PythonNumbers.parseFloat(prediction).orElse(1) == 0;
      default -> false;
    };
  }

  /** Empty if the text is not of the answer's type. */
  private Optional<Score> compare(MathVistaRow row, String text) {
    return switch (row.answerType()) {
      case "integer" ->
          PythonNumbers.parseInt(text)
              .map(
                  number ->
                      Score.of(
                          PythonNumbers.parseInt(row.answer()).equals(Optional.of(number)),
                          number.toString()));
      case "float" -> number(row, text);
      case "list" -> variant == Variant.BY_TYPE ? list(row, text) : none(row);
      default -> variant == Variant.BY_TYPE ? text(row, text) : none(row);
    };
  }

  /** VLMEvalKit compares with {@code None}, whatever the prediction is. */
  private static Optional<Score> none(MathVistaRow row) {
    return Optional.of(Score.of(true, "None")).filter(score -> row.answer().equals(score.read()));
  }

  private static Optional<Score> number(MathVistaRow row, String text) {
    OptionalDouble given = PythonNumbers.parseFloat(text);
    if (given.isEmpty()) {
      return Optional.empty();
    }
    OptionalDouble expected = PythonNumbers.parseFloat(row.answer());
    return Optional.of(
        Score.of(
            expected.isPresent() && expected.getAsDouble() == given.getAsDouble(),
            PythonNumbers.text(given.getAsDouble())));
  }

  private static Optional<Score> list(MathVistaRow row, String text) {
    return PythonLiteral.parseList(PythonText.strip(text))
        .map(
            given ->
                Score.of(
                    PythonLiteral.parseList(row.answer())
                        .map(expected -> comparable(expected).equals(comparable(given)))
                        .orElse(false),
                    PythonLiteral.text(given)));
  }

  /** Numbers by value: Python's 1 equals 1.0. */
  private static List<?> comparable(List<?> values) {
    return values.stream().map(MathVistaScorer::comparable).toList();
  }

  private static Object comparable(Object value) {
    if (value instanceof BigInteger number) {
      return new BigDecimal(number).stripTrailingZeros();
    }
    if (value instanceof Double number && Double.isFinite(number)) {
      return new BigDecimal(number).stripTrailingZeros();
    }
    return value instanceof List<?> list ? comparable(list) : PythonLiteral.text(value);
  }

  private static Optional<Score> text(MathVistaRow row, String text) {
    String given = PythonText.strip(text);
    return Optional.of(Score.of(true, given))
        .filter(score -> PythonText.lower(given).equals(PythonText.lower(row.answer())));
  }
}
