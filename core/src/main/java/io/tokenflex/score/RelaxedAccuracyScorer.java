package io.tokenflex.score;

import io.tokenflex.python.PythonNumbers;
import io.tokenflex.python.PythonText;
import java.util.List;
import java.util.OptionalDouble;

/**
 * ChartQA's relaxed accuracy: a number within 5 % of the target, or a text equal but for case; the
 * best over the answers. So years pass as numbers, and {@code 2%} is not {@code 2}.
 */
public final class RelaxedAccuracyScorer implements Scorer {
  private static final double MAX_RELATIVE_CHANGE = 0.05;

  /** Whose rule. */
  public enum Variant {
    VLMEVALKIT,
    /** Until September 2025 prediction and target were exchanged: 5 % of the prediction. */
    VLMEVALKIT_2025_04,
    /** The prediction is not trimmed, and the answer is one text, never a list. */
    LMMS_EVAL
  }

  private final Variant variant;

  public RelaxedAccuracyScorer(Variant variant) {
    this.variant = variant;
  }

  @Override
  public Score score(Reference reference, String prediction) {
    boolean lmms = variant == Variant.LMMS_EVAL;
    String answer = lmms ? prediction : PythonText.strip(prediction);
    List<String> targets = lmms ? List.of(reference.answer()) : reference.answersAsShown();
    return Score.of(targets.stream().anyMatch(target -> isRight(target, answer)), answer);
  }

  private boolean isRight(String target, String prediction) {
    return variant == Variant.VLMEVALKIT_2025_04
        ? isClose(prediction, target)
        : isClose(target, prediction);
  }

  private static boolean isClose(String target, String prediction) {
    OptionalDouble expected = number(target);
    OptionalDouble given = number(prediction);
    if (given.isPresent() && expected.isPresent() && expected.getAsDouble() != 0) {
      double change =
          Math.abs(given.getAsDouble() - expected.getAsDouble()) / Math.abs(expected.getAsDouble());
      return change <= MAX_RELATIVE_CHANGE;
    }
    return PythonText.lower(target).equals(PythonText.lower(prediction));
  }

  private static OptionalDouble number(String text) {
    if (!text.endsWith("%")) {
      return PythonNumbers.parseFloat(text);
    }
    OptionalDouble percent = PythonNumbers.parseFloat(PythonText.stripEnd(text, '%'));
    return percent.isPresent() ? OptionalDouble.of(percent.getAsDouble() / 100) : percent;
  }
}
