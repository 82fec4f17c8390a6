package io.tokenflex.jobs.config;

import io.tokenflex.adaptive.Calibration;
import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.tokens.VisionTokenCount;
import java.util.List;
import java.util.Optional;

/**
 * How it is found out how many vision tokens a prompt needs.
 *
 * @param numVisionTokens numbers to choose from; the trained ones if absent
 * @param tolerance the score that may be lost to the largest of them, as a fraction
 * @param method how a number is chosen; absent for the way that costs less
 * @param minimise what an answer costs
 * @param file where the calibration lies; in the model's folder if absent
 */
public record CalibrateConfig(
    Optional<List<Integer>> numVisionTokens,
    double tolerance,
    Optional<Calibration.Method> method,
    Cost minimise,
    Optional<String> file) {
  /** What is to be little of. */
  public enum Cost {
    /** Vision tokens, which are the same on every machine. */
    TOKENS,
    /** Seconds as measured while the rows are answered. */
    SECONDS
  }

  public CalibrateConfig {
    for (int count : numVisionTokens.orElse(List.of())) {
      try {
        VisionTokenCount.of(count);
      } catch (IllegalArgumentException e) {
        throw new InvalidInputException("numVisionTokens: " + e.getMessage(), e);
      }
    }
    if (!(tolerance >= 0 && tolerance < 1)) {
      throw new InvalidInputException(
          "tolerance is " + tolerance + "; expected 0 to 1, for instance 0.01 for a point");
    }
  }
}
