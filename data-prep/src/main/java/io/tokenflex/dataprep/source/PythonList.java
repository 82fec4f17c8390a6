package io.tokenflex.dataprep.source;

import io.tokenflex.dataprep.record.RecordRejectedException;
import io.tokenflex.dataprep.record.RejectReason;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Parses a list of strings in Python's notation: {@code ['a', "it's"]}. */
final class PythonList {
  private PythonList() {}

  /**
   * The elements; a text without brackets is a single element.
   *
   * @param column its column, for messages
   */
  static List<String> parse(String column, String text) throws RecordRejectedException {
    if (!text.startsWith("[") || !text.endsWith("]")) {
      return List.of(text);
    }
    List<String> elements = new ArrayList<>();
    int end = text.length() - 1;
    int at = skipBlanks(text, 1);
    while (at < end) {
      char quote = text.charAt(at);
      StringBuilder element = new StringBuilder();
      int close = quote == '\'' || quote == '"' ? readQuoted(text, at, end, element) : -1;
      int next = close < 0 ? -1 : skipBlanks(text, close + 1);
      boolean isSeparated = next == end || (next > 0 && next < end && text.charAt(next) == ',');
      if (!isSeparated) {
        throw new RecordRejectedException(
            RejectReason.MALFORMED_IMAGE_FIELD,
            String.format(
                Locale.ROOT, "%s is not a list of quoted texts at character %d", column, at),
            text.substring(at));
      }
      elements.add(element.toString());
      at = next == end ? end : skipBlanks(text, next + 1);
    }
    return elements;
  }

  /** Index of the closing quote, or -1. */
  private static int readQuoted(String text, int open, int end, StringBuilder element) {
    char quote = text.charAt(open);
    for (int i = open + 1; i < end; i++) {
      char current = text.charAt(i);
      if (current == quote) {
        return i;
      }
      char escaped = current == '\\' ? unescaped(text.charAt(i + 1)) : 0;
      element.append(escaped == 0 ? current : escaped);
      i += escaped == 0 ? 0 : 1;
    }
    return -1;
  }

  /** The character that a backslash escape stands for, or 0. */
  private static char unescaped(char character) {
    return switch (character) {
      case '\\', '\'', '"' -> character;
      case 'n' -> '\n';
      case 'r' -> '\r';
      case 't' -> '\t';
      default -> 0;
    };
  }

  private static int skipBlanks(String text, int from) {
    int at = from;
    while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
      at++;
    }
    return at;
  }
}
