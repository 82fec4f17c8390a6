package io.tokenflex.model;

import io.tokenflex.failure.InvalidInputException;
import java.util.Locale;

/** Checks shared by the configuration records; every message names the key and the fix. */
final class Checks {
  private Checks() {}

  static void divides(String divisorKey, int divisor, String key, int value) {
    if (value % divisor != 0) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "%s = %d does not divide %s = %d; change one of them",
              divisorKey,
              divisor,
              key,
              value));
    }
  }
}
