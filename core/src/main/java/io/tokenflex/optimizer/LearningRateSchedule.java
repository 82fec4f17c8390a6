package io.tokenflex.optimizer;

import io.tokenflex.failure.InvalidInputException;
import java.util.Locale;

/** Learning rate of every step, counted from 0. */
public sealed interface LearningRateSchedule {
  double rateAt(long step);

  /**
   * Linear warm-up to {@code peak} over {@code warmupSteps}, then half a cosine to {@code peak *
   * finalFraction} at {@code maxSteps} (Loshchilov and Hutter 2017, without restarts).
   */
  record WarmupCosine(double peak, long warmupSteps, long maxSteps, double finalFraction)
      implements LearningRateSchedule {
    public WarmupCosine {
      if (!(peak > 0) || Double.isInfinite(peak)) {
        throw new InvalidInputException("learning rate is " + peak + "; it must be above 0");
      }
      if (warmupSteps < 0 || warmupSteps > maxSteps) {
        throw new InvalidInputException(
            String.format(
                Locale.ROOT,
                "warmupSteps is %d; it must be between 0 and maxSteps (%d)",
                warmupSteps,
                maxSteps));
      }
      if (!(finalFraction >= 0 && finalFraction <= 1)) {
        throw new InvalidInputException(
            "finalFraction is " + finalFraction + "; it must be between 0 and 1");
      }
    }

    @Override
    public double rateAt(long step) {
      if (step < warmupSteps) {
        return peak * (step + 1) / warmupSteps;
      }
      double progress =
          Math.min(1.0, (double) (step - warmupSteps) / Math.max(1, maxSteps - warmupSteps));
      double cosine = 0.5 * (1 + Math.cos(Math.PI * progress));
      return peak * (finalFraction + (1 - finalFraction) * cosine);
    }
  }
}
