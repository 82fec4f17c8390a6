package io.tokenflex.jinja;

/** Resource limits of a rendering; ample for a long conversation. */
final class Limits {
  /** Executed statements plus evaluated expressions. */
  static final int STEPS = 1_000_000;

  /** Length of any string, and thus of the output, in characters. */
  static final int CHARACTERS = 16_000_000;

  static final int COLLECTION = 100_000;

  /** Nesting depth of macro calls. */
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
