package io.tokenflex.jobs.predict;

import io.tokenflex.adaptive.BudgetPlan;
import io.tokenflex.adaptive.Calibration;
import io.tokenflex.adaptive.ConfidenceMeasure;
import io.tokenflex.jobs.answers.Slice;
import io.tokenflex.tokens.VisionTokenCount;

/** How many vision tokens the rows of a table get. */
public sealed interface TokenChoice {
  /** What rows are asked at first. */
  int count();

  /**
   * The same number for all.
   *
   * @param count a square
   */
  record Fixed(int count) implements TokenChoice {
    public Fixed {
      VisionTokenCount.of(count);
    }
  }

  /** For each row what a calibration says. */
  record Auto(Calibration calibration) implements TokenChoice {
    @Override
    public int count() {
      return Slice.AUTO;
    }
  }

  /** All rows at one number, those that are least sure once more at another. */
  record Budget(BudgetPlan plan, ConfidenceMeasure measure) implements TokenChoice {
    @Override
    public int count() {
      return plan.first();
    }
  }
}
