package io.tokenflex.failure;

import java.time.Duration;

/** Checks that many settings share, so that all of them are refused in the same words. */
public final class Expect {
  private Expect() {}

  /**
   * Refuses a number below 1.
   *
   * @param key name of the setting
   * @throws InvalidInputException if {@code value} is 0 or negative
   */
  public static void atLeastOne(String key, long value) {
    if (value < 1) {
      throw new InvalidInputException(key + " is " + value + "; expected at least 1");
    }
  }

  /**
   * Refuses a duration of nothing.
   *
   * @param key name of the setting
   * @throws InvalidInputException if {@code value} is zero or negative
   */
  public static void aboveZero(String key, Duration value) {
    if (value.isNegative() || value.isZero()) {
      throw new InvalidInputException(key + " is " + value + "; expected more than zero");
    }
  }
}
