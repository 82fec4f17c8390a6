package io.tokenflex.adaptive;

import io.tokenflex.failure.InvalidInputException;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * How a dataset is answered within a mean number of vision tokens: all rows at a first count, then
 * those that are least sure at a second, as many as the budget pays for.
 *
 * @param second empty if the budget is spent on one count for all
 */
public record BudgetPlan(int first, Optional<Integer> second, double meanTokens) {
  /**
   * The plan that scored most on the calibration's rows.
   *
   * @param meanTokens vision tokens an image that may be spent on a row in the mean, both answers
   *     counted
   * @throws InvalidInputException if that is less than the smallest count
   */
  public static BudgetPlan of(Calibration calibration, double meanTokens) {
    List<Integer> counts = calibration.counts();
    if (!(meanTokens >= counts.get(0))) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "A mean of %s vision tokens is less than the smallest count %d of the calibration;"
                  + " give %d or more",
              meanTokens,
              counts.get(0),
              counts.get(0)));
    }
    record Valued(BudgetPlan plan, double difference) {}
    Stream<Valued> single =
        calibration.fixed().stream()
            .filter(fixed -> fixed.numVisionTokens() <= meanTokens)
            .map(
                fixed ->
                    new Valued(
                        new BudgetPlan(fixed.numVisionTokens(), Optional.empty(), meanTokens),
                        fixed.difference()));
    Stream<Valued> pairs =
        calibration.budgets().stream()
            .filter(curve -> curve.lower() <= meanTokens)
            .map(
                curve ->
                    new Valued(
                        new BudgetPlan(curve.lower(), Optional.of(curve.higher()), meanTokens),
                        curve.differenceAt((meanTokens - curve.lower()) / curve.higher())));
    return Stream.concat(single, pairs)
        .max(Comparator.comparingDouble(Valued::difference))
        .orElseThrow(() -> new IllegalStateException("the smallest count can be paid for"))
        .plan();
  }

  /** How many of so many rows are answered a second time. */
  public int numSecond(int numRows) {
    if (second.isEmpty()) {
      return 0;
    }
    double affordable = Math.floor(numRows * (meanTokens - first) / second.get() + 1e-9);
    return (int) Math.min(numRows, affordable);
  }
}
