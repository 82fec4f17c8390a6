package io.tokenflex.jinja;

import java.util.Locale;

/** What a template may use up; ample for a long conversation. */
final class Limits {
  /** Nodes of the template that are rendered, those in loops every time. */
  static final int STEPS = 200_000;

  /** Characters of any string, and so of the result. */
  static final int CHARACTERS = 16_000_000;

  static final int MAX_RANGE = 10_000;
  static final int COLLECTION = 100_000;

  private Limits() {}

  static void checkLength(long characters) {
    if (characters > CHARACTERS) {
      throw new UnsupportedOperationException(
          String.format(
              Locale.ROOT, "a string of %d characters; at most %d", characters, CHARACTERS));
    }
  }
}
