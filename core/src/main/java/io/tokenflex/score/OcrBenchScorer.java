package io.tokenflex.score;

import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.python.PythonLiteral;
import io.tokenflex.python.PythonText;
import java.util.List;
import java.util.Optional;

/**
 * OCRBench: right if the prediction contains any of the answers, so an empty answer is always
 * right. Formulas are compared without blanks and with their case, all else in lower case.
 */
public final class OcrBenchScorer implements Scorer {
  /** Name of the cell that tells formulas from other rows. */
  public static final String CATEGORY = "category";

  /** The category whose rows are formulas. */
  public static final String FORMULAS = "Handwritten Mathematical Expression Recognition";

  /** Whose rule. */
  public enum Variant {
    VLMEVALKIT,
    /** Folds full-width characters, formulas excepted. */
    LMMS_EVAL
  }

  private final Variant variant;

  public OcrBenchScorer(Variant variant) {
    this.variant = variant;
  }

  @Override
  public Score score(Reference reference, String prediction) {
    boolean formula = reference.requiredAttribute(CATEGORY).equals(FORMULAS);
    String given = normal(prediction, formula);
    for (Object answer : answers(reference)) {
      if (!(answer instanceof String text)) {
        throw new InvalidInputException(
            "OCRBench: the answers "
                + reference.answer()
                + " hold "
                + PythonLiteral.text(answer)
                + ", which is no text; put it in quotes");
      }
      if (given.contains(normal(text, formula))) {
        return Score.of(true, given);
      }
    }
    return Score.of(false, given);
  }

  /** lmms-eval takes what is no list as one text, VLMEvalKit goes through whatever it is. */
  private List<?> answers(Reference reference) {
    if (!reference.accepted().isEmpty()) {
      return reference.accepted();
    }
    String cell = reference.answer();
    if (variant == Variant.LMMS_EVAL) {
      Optional<List<?>> list = PythonLiteral.parseList(cell);
      return list.isPresent() ? list.get() : List.of(cell);
    }
    Optional<List<?>> sequence = PythonLiteral.parseSequence(cell);
    if (sequence.isPresent()) {
      return sequence.get();
    }
    return PythonLiteral.parseString(cell)
        .map(text -> text.codePoints().mapToObj(Character::toString).toList())
        .orElseThrow(
            () ->
                new InvalidInputException(
                    "OCRBench: the answer is '" + cell + "'; expected a list such as ['CENTRE']"));
  }

  private String normal(String text, boolean formula) {
    if (formula) {
      return PythonText.strip(text).replace('\n', ' ').replace(" ", "");
    }
    String folded = variant == Variant.LMMS_EVAL ? foldFullWidth(text) : text;
    return PythonText.strip(PythonText.lower(folded)).replace('\n', ' ');
  }

  /** U+FF01 to U+FF5E become ASCII, the ideographic space a blank. */
  static String foldFullWidth(String text) {
    StringBuilder folded = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c >= '\uff01' && c <= '\uff5e') {
        folded.append((char) (c - 0xfee0));
      } else {
        folded.append(c == '\u3000' ? ' ' : c);
      }
    }
    return folded.toString();
  }
}
