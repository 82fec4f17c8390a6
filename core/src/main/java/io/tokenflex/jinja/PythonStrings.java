package io.tokenflex.jinja;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/** The methods of Python's {@code str}. */
final class PythonStrings {
  private PythonStrings() {}

  /**
   * Calls a method.
   *
   * @throws UnsupportedOperationException if there is no such method here, or not with these
   *     arguments
   */
  static Object call(String text, String method, List<Object> arguments) {
    return switch (method) {
      case "strip" -> strip(text, characters(method, arguments), true, true);
      case "lstrip" -> strip(text, characters(method, arguments), true, false);
      case "rstrip" -> strip(text, characters(method, arguments), false, true);
      case "startswith" -> text.startsWith(string(method, arguments, 0));
      case "endswith" -> text.endsWith(string(method, arguments, 0));
      case "split" -> split(text, arguments);
      case "replace" -> replace(text, string(method, arguments, 0), string(method, arguments, 1));
      case "upper" -> text.toUpperCase(Locale.ROOT);
      case "lower" -> text.toLowerCase(Locale.ROOT);
      case "capitalize" -> capitalize(text);
      case "title" -> title(text);
      default -> throw new UnsupportedOperationException("strings have no method " + method);
    };
  }

  static String strip(String text) {
    return strip(text, null, true, true);
  }

  /** {@code null} for any white space. */
  private static String strip(String text, String characters, boolean left, boolean right) {
    int from = 0;
    int to = text.length();
    while (left && from < to && strips(text.codePointAt(from), characters)) {
      from += Character.charCount(text.codePointAt(from));
    }
    while (right && from < to && strips(text.codePointBefore(to), characters)) {
      to -= Character.charCount(text.codePointBefore(to));
    }
    return text.substring(from, to);
  }

  private static boolean strips(int character, String characters) {
    return characters == null ? isSpace(character) : characters.indexOf(character) >= 0;
  }

  /** As {@code str.isspace}: white space and separators, also those that do not break a line. */
  private static boolean isSpace(int character) {
    return Character.isWhitespace(character)
        || Character.isSpaceChar(character)
        || character == 0x85; // next line: white space for Unicode, a control character for Java
  }

  private static List<Object> split(String text, List<Object> arguments) {
    List<Object> parts = new ArrayList<>();
    if (arguments.isEmpty()) {
      int from = -1;
      for (int at = 0; at <= text.length(); at++) {
        boolean space = at == text.length() || isSpace(text.charAt(at));
        if (!space && from < 0) {
          from = at;
        } else if (space && from >= 0) {
          parts.add(text.substring(from, at));
          from = -1;
        }
      }
      return parts;
    }
    String separator = string("split", arguments, 0);
    if (separator.isEmpty() || arguments.size() > 2) {
      throw new UnsupportedOperationException("split needs a separator");
    }
    int most = arguments.size() == 2 ? ((Number) arguments.get(1)).intValue() : -1;
    int from = 0;
    for (int at = text.indexOf(separator); at >= 0 && parts.size() != most; ) {
      parts.add(text.substring(from, at));
      from = at + separator.length();
      at = text.indexOf(separator, from);
    }
    parts.add(text.substring(from));
    return parts;
  }

  static String replace(String text, String old, String replacement) {
    long occurrences = old.isEmpty() ? text.length() + 1L : text.length() / old.length();
    Limits.checkLength(text.length() + occurrences * replacement.length());
    return text.replace(old, replacement);
  }

  static String capitalize(String text) {
    if (text.isEmpty()) {
      return text;
    }
    int first = text.offsetByCodePoints(0, 1);
    return text.substring(0, first).toUpperCase(Locale.ROOT)
        + text.substring(first).toLowerCase(Locale.ROOT);
  }

  static String title(String text) {
    StringBuilder result = new StringBuilder();
    boolean inWord = false;
    for (int character : text.codePoints().toArray()) {
      result.appendCodePoint(
          inWord ? Character.toLowerCase(character) : Character.toTitleCase(character));
      inWord = Character.isLetter(character);
    }
    return result.toString();
  }

  private static String characters(String method, List<Object> arguments) {
    return arguments.isEmpty() || arguments.get(0) == null ? null : string(method, arguments, 0);
  }

  private static String string(String method, List<Object> arguments, int index) {
    if (arguments.size() <= index || !(arguments.get(index) instanceof String string)) {
      throw new UnsupportedOperationException(
          String.format(Locale.ROOT, "%s needs a string as argument %d", method, index + 1));
    }
    return string;
  }

  /** The characters, each a string: what Python iterates over. */
  static List<Object> characters(String text) {
    return Collections.unmodifiableList(
        text.codePoints().mapToObj(c -> (Object) Character.toString(c)).toList());
  }
}
