package io.tokenflex.dataprep.source;

import io.tokenflex.failure.InvalidInputException;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/** How a table writes a quote inside a quoted field. */
enum QuoteEscape {
  /** {@code ""}, as RFC 4180 says, and Python, pandas and spreadsheets do. */
  DOUBLED("\""),
  /** {@code \"}, and a backslash as two: what Spark writes unless told otherwise. */
  BACKSLASH("\\");

  /** The names that Spark gives to the files of a table. */
  private static final Pattern NAME_BY_SPARK =
      Pattern.compile("part-\\d{5}-[0-9a-f-]{36}(-c\\d{3})?\\.(csv|tsv)");

  private final String character;

  QuoteEscape(String character) {
    this.character = character;
  }

  /**
   * The one that a setting names.
   *
   * @return none for the empty text: it is recognised
   * @throws InvalidInputException if it names none
   */
  static Optional<QuoteEscape> named(String setting) {
    for (QuoteEscape escape : values()) {
      if (escape.character.equals(setting)) {
        return Optional.of(escape);
      }
    }
    if (!setting.isEmpty()) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "escape is '%s'; expected a backslash (\"\\\\\") or a quote (\"\\\"\")",
              setting));
    }
    return Optional.empty();
  }

  /** The likelier one where a file can be read either way. */
  static QuoteEscape ofFileNamed(String name) {
    return NAME_BY_SPARK.matcher(name).matches() ? BACKSLASH : DOUBLED;
  }

  /** The other one. */
  QuoteEscape other() {
    return this == DOUBLED ? BACKSLASH : DOUBLED;
  }
}
