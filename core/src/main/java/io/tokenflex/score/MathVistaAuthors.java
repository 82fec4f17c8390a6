package io.tokenflex.score;

import io.tokenflex.python.PythonNumbers;
import io.tokenflex.python.PythonText;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * MathVista by its authors: {@code extract_answer} without calling a model, {@code
 * normalize_extracted_answer} and {@code safe_equal}. Numbers are compared as texts, so {@code 0.5}
 * against {@code 0.50} is wrong, and with choices an empty extraction becomes one of them.
 */
public final class MathVistaAuthors implements Scorer {
  private static final Pattern QUICK = Pattern.compile("The answer is \"([^\\n]*)\"\\.");
  private static final Pattern BRACKETED = Pattern.compile("\\(([a-zA-Z])\\)");

  @Override
  public Score score(Reference reference, String prediction) {
    MathVistaRow row = MathVistaRow.of(reference);
    return extract(row, prediction)
        .map(extraction -> scoreExtraction(row, extraction))
        .orElseGet(Score::unscored);
  }

  /** What is the answer without asking a judge; empty if one has to be asked. */
  public static Optional<String> extract(MathVistaRow row, String prediction) {
    if (prediction.isEmpty()) {
      return Optional.of("");
    }
    if (row.isChoice() && row.choices().contains(prediction)) {
      return Optional.of(prediction);
    }
    return switch (row.answerType()) {
      case "integer" -> PythonNumbers.parseInt(prediction).map(BigInteger::toString);
      case "float" -> text(PythonNumbers.parseFloat(prediction));
      default -> Optional.empty();
    };
  }

  /** {@link #extract}, or what stands in quotes behind "The answer is": its quick_extract. */
  public static Optional<String> extractQuickly(MathVistaRow row, String prediction) {
    Matcher quick = QUICK.matcher(prediction);
    return extract(row, prediction)
        .or(() -> quick.find() ? Optional.of(quick.group(1)) : Optional.empty());
  }

  /** Scores an extraction, of a judge or not. */
  public static Score scoreExtraction(MathVistaRow row, String extraction) {
    Optional<String> normal = normalise(row, extraction);
    return Score.of(normal.equals(Optional.of(row.answer())), normal.orElse(""));
  }

  /** The extraction as the answer's type writes it; empty if it is not of that type. */
  public static Optional<String> normalise(MathVistaRow row, String extraction) {
    if (row.isChoice()) {
      return Optional.of(choice(row.choices(), extraction));
    }
    return switch (row.answerType()) {
      case "integer" -> truncated(PythonNumbers.parseFloat(extraction));
      case "float" -> rounded(row, PythonNumbers.parseFloat(extraction));
      default -> Optional.of(extraction);
    };
  }

  private static Optional<String> text(OptionalDouble number) {
    return number.isPresent()
        ? Optional.of(PythonNumbers.text(number.getAsDouble()))
        : Optional.empty();
  }

  private static Optional<String> truncated(OptionalDouble number) {
    return number.isPresent() && Double.isFinite(number.getAsDouble())
        ? Optional.of(new BigDecimal(number.getAsDouble()).toBigInteger().toString())
        : Optional.empty();
  }

  private static Optional<String> rounded(MathVistaRow row, OptionalDouble number) {
    return number.isPresent() && row.precision().isPresent()
        ? text(
            OptionalDouble.of(
                PythonNumbers.round(number.getAsDouble(), row.precision().getAsInt())))
        : Optional.empty();
  }

  private static String choice(List<String> choices, String extraction) {
    String text = PythonText.strip(extraction);
    Matcher bracketed = BRACKETED.matcher(text);
    String wanted = bracketed.find() ? PythonText.upper(bracketed.group(1)) : text;
    int index = wanted.length() == 1 ? wanted.charAt(0) - 'A' : -1;
    if (index >= 0 && index < choices.size()) {
      return choices.get(index);
    }
    String closest = choices.get(0);
    for (String choice : choices) {
      if (EditDistance.between(wanted, choice) < EditDistance.between(wanted, closest)) {
        closest = choice;
      }
    }
    return closest;
  }
}
