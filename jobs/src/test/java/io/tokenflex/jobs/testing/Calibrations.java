package io.tokenflex.jobs.testing;

import io.tokenflex.adaptive.BudgetCurve;
import io.tokenflex.adaptive.Calibration;
import io.tokenflex.adaptive.Cascade;
import io.tokenflex.adaptive.ConfidenceMeasure;
import io.tokenflex.adaptive.OperatingPoint;
import io.tokenflex.adaptive.Selector;
import io.tokenflex.statistics.Interval;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Calibrations that no rows were asked for. */
public final class Calibrations {
  private Calibrations() {}

  /**
   * A cascade from 4 to 64 vision tokens.
   *
   * @param model digest of the model
   * @param acceptFrom smallest log-probability from which an answer at 4 is taken
   */
  public static Calibration cascade(String model, double acceptFrom) {
    return cascade(model, acceptFrom, List.of("picture"));
  }

  /** One that was made on these pictures. */
  public static Calibration cascadeSeen(String model, List<String> pictures) {
    return cascade(model, /* acceptFrom= */ -1, pictures);
  }

  private static Calibration cascade(String model, double acceptFrom, List<String> pictures) {
    OperatingPoint point = new OperatingPoint(34, 0, new Interval(-0.01, 0.01), -0.02);
    List<Double> rising = new ArrayList<>();
    for (int i = 0; i <= 20; i++) {
      rising.add(-0.2 + 0.01 * i);
    }
    List<Double> weights = Collections.nCopies(160, 0.0);
    return new Calibration(
        Calibration.FORMAT,
        new Calibration.Source(model, "rows", pictures),
        100,
        0.01,
        List.of(4, 64),
        List.of(new Calibration.Fixed(4, 0.6, -0.2), new Calibration.Fixed(64, 0.8, 0)),
        Calibration.Method.CASCADE,
        new Cascade(ConfidenceMeasure.MIN_LOG_PROBABILITY, List.of(4, 64), List.of(acceptFrom)),
        point,
        new Selector(
            List.of(new Selector.Level(4, 0, weights), new Selector.Level(64, 1, weights)), 0.1),
        point,
        List.of(new BudgetCurve(4, 64, rising)));
  }
}
