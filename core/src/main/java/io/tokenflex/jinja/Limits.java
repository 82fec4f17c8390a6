package io.tokenflex.jinja;

/** What a template may use up; ample for a long conversation. */
final class Limits {
  /** Statements that are run and expressions that are computed, those in loops every time. */
  static final int STEPS = 1_000_000;

  /** Characters of any string, and so of the result. */
  static final int CHARACTERS = 16_000_000;

  static final int COLLECTION = 100_000;

  /** Macros that call each other. */
  static final int DEPTH = 100;

  private Limits() {}

  static void checkLength(long characters) {
    if (characters > CHARACTERS) {
      throw new TemplateException(
          "a string of " + characters + " characters; at most " + CHARACTERS);
    }
  }

  static void checkElements(long elements) {
    if (elements > COLLECTION) {
      throw new TemplateException("a list of " + elements + " elements; at most " + COLLECTION);
    }
  }
}
