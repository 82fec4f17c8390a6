package io.tokenflex.jinja;

import io.tokenflex.jinja.Values.Tuple;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.IntPredicate;

/** Methods of Python's {@code str}. */
final class PythonStrings {
  /** All methods of Python's {@code str}; unimplemented ones throw. */
  static final Set<String> METHODS =
      Set.of(
          "capitalize",
          "casefold",
          "center",
          "count",
          "encode",
          "endswith",
          "expandtabs",
          "find",
          "format",
          "format_map",
          "index",
          "isalnum",
          "isalpha",
          "isascii",
          "isdecimal",
          "isdigit",
          "isidentifier",
          "islower",
          "isnumeric",
          "isprintable",
          "isspace",
          "istitle",
          "isupper",
          "join",
          "ljust",
          "lower",
          "lstrip",
          "maketrans",
          "partition",
          "removeprefix",
          "removesuffix",
          "replace",
          "rfind",
          "rindex",
          "rjust",
          "rpartition",
          "rsplit",
          "rstrip",
          "split",
          "splitlines",
          "startswith",
          "strip",
          "swapcase",
          "title",
          "translate",
          "upper",
          "zfill");

  private PythonStrings() {}

  /**
   * Calls a method.
   *
   * @throws TemplateException if the method is not implemented, or not with these arguments
   */
  static Object call(String text, String method, Arguments given) {
    return switch (method) {
      case "strip", "lstrip", "rstrip" -> {
        String characters = given.bind(method, "chars?").text("chars", null);
        yield strip(text, characters, !method.startsWith("r"), !method.startsWith("l"));
      }
      case "startswith", "endswith" -> hasEnd(text, method, given);
      case "split", "rsplit" -> SplitStrings.split(text, method, given);
      case "splitlines" ->
          SplitStrings.lines(text, given.bind(method, "keepends?").truth("keepends", false));
      case "partition", "rpartition" -> SplitStrings.partition(text, method, given);
      case "join" ->
          join(text, Values.elements(given.bind(method, "iterable").get("iterable", null)));
      case "replace" -> {
        Arguments.Bound bound = given.bind(method, "old", "new", "count?");
        yield replace(text, bound.text("old", ""), bound.text("new", ""), bound.whole("count", -1));
      }
      case "find", "rfind", "index", "rindex", "count" -> search(text, method, given);
      case "removeprefix" -> {
        String prefix = given.bind(method, "prefix").text("prefix", "");
        yield text.startsWith(prefix) ? text.substring(prefix.length()) : text;
      }
      case "removesuffix" -> {
        String suffix = given.bind(method, "suffix").text("suffix", "");
        yield text.endsWith(suffix) ? text.substring(0, text.length() - suffix.length()) : text;
      }
      case "center", "ljust", "rjust", "zfill" -> pad(text, method, given);
      case "format" -> BraceFormat.format(text, given);
      default -> {
        given.bind(method);
        yield withoutArguments(text, method);
      }
    };
  }

  private static Object withoutArguments(String text, String method) {
    return switch (method) {
      case "upper" -> text.toUpperCase(Locale.ROOT);
      case "lower" -> text.toLowerCase(Locale.ROOT);
      case "capitalize" -> capitalize(text);
      case "title" -> title(text);
      case "isupper" -> isUpper(text);
      case "islower" -> isLower(text);
      case "isspace" -> all(text, PythonStrings::isSpace);
      case "isalpha" -> all(text, Character::isLetter);
      case "isdecimal" -> all(text, Character::isDigit);
      case "isascii" -> text.codePoints().allMatch(c -> c < 128);
      case "isdigit", "isnumeric", "isalnum" -> asciiOnly(text, method);
      default -> throw new TemplateException("strings have no method " + method + " here");
    };
  }

  /**
   * Rejects non-ASCII text: Python counts superscripts and fractions as digits or numbers, Java
   * does not.
   */
  private static boolean asciiOnly(String text, String method) {
    if (text.codePoints().anyMatch(c -> c > 127 && !Character.isLetter(c))) {
      throw new TemplateException(method + " of a string with other than letters beyond ASCII");
    }
    boolean letters = method.equals("isalnum");
    return all(text, c -> Character.isDigit(c) || (letters && Character.isLetter(c)));
  }

  private static boolean all(String text, IntPredicate predicate) {
    return !text.isEmpty() && text.codePoints().allMatch(predicate);
  }

  static boolean isUpper(String text) {
    return text.codePoints().anyMatch(Character::isUpperCase)
        && text.codePoints().noneMatch(c -> Character.isLowerCase(c) || Character.isTitleCase(c));
  }

  static boolean isLower(String text) {
    return text.codePoints().anyMatch(Character::isLowerCase)
        && text.codePoints().noneMatch(c -> Character.isUpperCase(c) || Character.isTitleCase(c));
  }

  static String strip(String text, boolean left, boolean right) {
    return strip(text, null, left, right);
  }

  /** {@code characters} may be null for white space. */
  static String strip(String text, String characters, boolean left, boolean right) {
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

  /** As {@code str.isspace}: includes separators that do not break a line. */
  static boolean isSpace(int character) {
    return Character.isWhitespace(character)
        || Character.isSpaceChar(character)
        || character
            == 0x85; // next line (NEL): white space in Unicode, a control character in Java
  }

  private static boolean hasEnd(String text, String method, Arguments given) {
    if (given.size() != 1 || !given.named().isEmpty()) {
      throw new TemplateException(method + " takes one argument here, not " + given.size());
    }
    Object wanted = given.at(0);
    List<?> choices = wanted instanceof Tuple tuple ? tuple : List.of(wanted == null ? 0 : wanted);
    for (Object choice : choices) {
      if (!(choice instanceof String end)) {
        throw new TemplateException(method + " needs a string or a tuple of strings");
      }
      if (method.equals("startswith") ? text.startsWith(end) : text.endsWith(end)) {
        return true;
      }
    }
    return false;
  }

  private static Object search(String text, String method, Arguments given) {
    String wanted = given.bind(method, "sub").text("sub", "");
    if (method.equals("count")) {
      if (wanted.isEmpty()) {
        return Values.length(text) + 1;
      }
      long count = 0;
      for (int at = text.indexOf(wanted); at >= 0; count++) {
        at = text.indexOf(wanted, at + wanted.length());
      }
      return count;
    }
    int at = method.startsWith("r") ? text.lastIndexOf(wanted) : text.indexOf(wanted);
    if (at < 0 && method.endsWith("index")) {
      throw new TemplateException(PythonText.repr(wanted) + " is not in the string");
    }
    return at < 0 ? -1L : (long) text.codePointCount(0, at);
  }

  private static String pad(String text, String method, Arguments given) {
    Arguments.Bound bound =
        method.equals("zfill") ? given.bind(method, "width") : given.bind(method, "width", "fill?");
    String fill = bound.text("fill", " ");
    if (Values.length(fill) != 1) {
      throw new TemplateException(
          method + " fills with one character, not " + PythonText.repr(fill));
    }
    long missing = bound.whole("width", 0) - Values.length(text);
    Limits.checkLength(Math.max(0, missing) + text.length());
    int count = (int) Math.max(0, missing);
    if (method.equals("zfill")) {
      boolean signed = text.startsWith("+") || text.startsWith("-");
      String sign = signed ? text.substring(0, 1) : "";
      return sign + "0".repeat(count) + text.substring(sign.length());
    } else if (method.equals("ljust")) {
      return text + fill.repeat(count);
    } else if (method.equals("rjust")) {
      return fill.repeat(count) + text;
    }
    int left = count / 2 + (int) (count & bound.whole("width", 0) & 1);
    return fill.repeat(left) + text + fill.repeat(count - left);
  }

  static String join(String separator, List<Object> parts) {
    StringBuilder text = new StringBuilder();
    String before = "";
    for (Object part : parts) {
      if (!(part instanceof String word)) {
        throw new TemplateException("join needs strings, not " + Values.kindOf(part));
      }
      text.append(before).append(word);
      Limits.checkLength(text.length());
      before = separator;
    }
    return text.toString();
  }

  /** Replaces the first {@code count} occurrences; all if negative. */
  static String replace(String text, String old, String replacement, long count) {
    if (old.isEmpty() && count != 0) {
      if (count > 0 || text.codePoints().anyMatch(c -> c > 0xffff)) {
        throw new TemplateException("replace of the empty string");
      }
    }
    long occurrences = old.isEmpty() ? text.length() + 1L : text.length() / old.length();
    Limits.checkLength(text.length() + occurrences * replacement.length());
    if (count < 0) {
      return text.replace(old, replacement);
    }
    StringBuilder result = new StringBuilder();
    int from = 0;
    int at = text.indexOf(old);
    for (long left = count; left > 0 && at >= 0; left--) {
      result.append(text, from, at).append(replacement);
      from = at + old.length();
      at = text.indexOf(old, from);
    }
    return result.append(text.substring(from)).toString();
  }

  static String capitalize(String text) {
    if (text.isEmpty()) {
      return text;
    }
    int first = text.offsetByCodePoints(0, 1);
    // The whole text is lower-cased, because a sigma after the first letter may be a final one.
    return titleCase(text.codePointAt(0))
        + text.toLowerCase(Locale.ROOT).substring(lowered(text, first));
  }

  private static int lowered(String text, int first) {
    return text.substring(0, first).toLowerCase(Locale.ROOT).length();
  }

  /** As {@code str.title}: a letter after a non-letter starts a word. */
  static String title(String text) {
    StringBuilder result = new StringBuilder();
    boolean inWord = false;
    for (int character : text.codePoints().toArray()) {
      if (character == 'Σ' && inWord) {
        throw new TemplateException("title of a word with a capital sigma");
      }
      if (inWord) {
        result.append(Character.toString(character).toLowerCase(Locale.ROOT));
      } else {
        result.append(titleCase(character));
      }
      inWord = isCased(character);
    }
    return result.toString();
  }

  private static boolean isCased(int character) {
    return Character.isUpperCase(character)
        || Character.isLowerCase(character)
        || Character.isTitleCase(character);
  }

  private static String titleCase(int character) {
    String upper = Character.toString(character).toUpperCase(Locale.ROOT);
    if (upper.codePointCount(0, upper.length()) > 1) {
      if (character == 'ß') {
        return "Ss";
      }
      throw new TemplateException(
          "a word that begins with " + Character.toString(character) + " is capitalized");
    }
    return Character.toString(Character.toTitleCase(character));
  }

  /** The characters as strings, as Python iterates over a string. */
  static List<Object> characters(String text) {
    List<Object> characters = new ArrayList<>(text.length());
    text.codePoints().forEach(c -> characters.add(Character.toString(c)));
    return Collections.unmodifiableList(characters);
  }
}
