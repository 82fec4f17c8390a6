package io.tokenflex.adaptive;

import io.tokenflex.failure.InvalidInputException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/** Fits both ways to choose the number of vision tokens and takes the cheaper as the default. */
public final class CalibrationFit {
  /** Parts of the rows; each is judged by what was fitted to the others. */
  static final int FOLDS = 5;

  /** The number that tells best whether going up helps; docs/answers.md has the measurement. */
  private static final ConfidenceMeasure MEASURE = ConfidenceMeasure.MIN_LOG_PROBABILITY;

  private CalibrationFit() {}

  /**
   * Fits.
   *
   * @param source where the rows come from
   * @param tolerance the score that may be lost to the largest count, for instance 0.01: the lower
   *     end of the 98 % interval of the difference has to stay above
   * @param method which way is the default; empty for the one that costs less
   */
  public static Calibration fit(
      CalibrationRows rows,
      Calibration.Source source,
      double tolerance,
      Optional<Calibration.Method> method) {
    if (!(tolerance >= 0 && tolerance < 1)) {
      throw new InvalidInputException(
          "tolerance is "
              + tolerance
              + "; expected 0 (nothing may be lost) to 1, for instance 0.01");
    }
    int[] folds = folds(rows);
    CascadeFit.Fitted cascade = new CascadeFit(rows, MEASURE, folds).cheapest(tolerance);
    SelectorFit.Fitted selector = new SelectorFit(rows, folds).cheapest(tolerance);
    boolean isSelectorCheaper = selector.cost() < cascade.cost();
    Calibration.Method chosen =
        method.orElse(isSelectorCheaper ? Calibration.Method.SELECTOR : Calibration.Method.CASCADE);
    return new Calibration(
        Calibration.FORMAT,
        source,
        rows.rows().size(),
        tolerance,
        rows.counts(),
        fixed(rows),
        chosen,
        cascade.cascade(),
        cascade.point(),
        selector.selector(),
        selector.point(),
        BudgetCurve.of(rows, MEASURE));
  }

  /** The fold of each row: clusters in the order of their keys are dealt out. */
  private static int[] folds(CalibrationRows rows) {
    List<String> keys =
        rows.rows().stream().map(CalibrationRows.Row::cluster).distinct().sorted().toList();
    Map<String, Integer> places = new HashMap<>();
    keys.forEach(key -> places.put(key, places.size()));
    return rows.rows().stream().mapToInt(row -> places.get(row.cluster()) % FOLDS).toArray();
  }

  private static List<Calibration.Fixed> fixed(CalibrationRows rows) {
    double[] largest = rows.scores(rows.last());
    double reference = Arrays.stream(largest).average().orElseThrow();
    return IntStream.range(0, rows.counts().size())
        .mapToObj(
            count -> {
              double mean = Arrays.stream(rows.scores(count)).average().orElseThrow();
              return new Calibration.Fixed(rows.counts().get(count), mean, mean - reference);
            })
        .toList();
  }
}
