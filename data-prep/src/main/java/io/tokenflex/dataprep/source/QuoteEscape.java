package io.tokenflex.dataprep.source;

import io.tokenflex.failure.InvalidInputException;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/** How a CSV or TSV table escapes a quote inside a quoted field. */
enum QuoteEscape {
  /** {@code ""}: RFC 4180, Python, pandas and spreadsheets. */
  DOUBLED("\""),
  /** {@code \"}, with backslashes doubled: Spark's default. */
  BACKSLASH("\\");

  /** Spark's names for the files of a table. */
  private static final Pattern NAME_BY_SPARK =
      Pattern.compile("part-\\d{5}-[0-9a-f-]{36}(-c\\d{3})?\\.(csv|tsv)");

  private final String character;

  QuoteEscape(String character) {
    this.character = character;
  }

  /**
   * Parses a setting.
   *
   * @return empty for an empty text: the convention is detected
   * @throws InvalidInputException if the name is unknown
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

  /** The more likely convention of a file that is valid under both. */
  static QuoteEscape ofFileNamed(String name) {
    return NAME_BY_SPARK.matcher(name).matches() ? BACKSLASH : DOUBLED;
  }

  /** The other convention. */
  QuoteEscape other() {
    return this == DOUBLED ? BACKSLASH : DOUBLED;
  }
}
