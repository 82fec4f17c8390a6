package io.tokenflex.python;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What {@code str} does in Python where {@link String} does something else. */
public final class PythonText {
  /** White space as the inside of a character class of a regular expression. */
  public static final String WHITE_SPACE =
      "\\u0009-\\u000d\\u001c-\\u0020\\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";

  private static final char SIGMA = 'Σ';

  /** Marks that may stand inside a word. */
  private static final String MID_LETTERS =
      "'.:\u00b7\u0387\u055f\u05f4\u2018\u2019\u2024\u2027\ufe13\ufe52\ufe55\uff07\uff0e\uff1a";

  private PythonText() {}

  /**
   * Whether {@code str.isspace()} holds: with U+001C to U+001F, U+0085 and the no-break spaces,
   * without U+200B, U+180E and U+FEFF.
   */
  public static boolean isSpace(int c) {
    return (c >= 0x09 && c <= 0x0d)
        || (c >= 0x1c && c <= 0x20)
        || c == 0x85
        || c == 0xa0
        || c == 0x1680
        || (c >= 0x2000 && c <= 0x200a)
        || c == 0x2028
        || c == 0x2029
        || c == 0x202f
        || c == 0x205f
        || c == 0x3000;
  }

  /** {@code text.strip()}. */
  public static String strip(String text) {
    int start = 0;
    int end = text.length();
    while (start < end && isSpace(text.charAt(start))) {
      start++;
    }
    while (end > start && isSpace(text.charAt(end - 1))) {
      end--;
    }
    return text.substring(start, end);
  }

  /** {@code text.strip(mark)} of one character. */
  public static String strip(String text, char mark) {
    int start = 0;
    while (start < text.length() && text.charAt(start) == mark) {
      start++;
    }
    return stripEnd(text.substring(start), mark);
  }

  /** {@code text.rstrip(mark)} of one character. */
  public static String stripEnd(String text, char mark) {
    int end = text.length();
    while (end > 0 && text.charAt(end - 1) == mark) {
      end--;
    }
    return text.substring(0, end);
  }

  /** {@code text.split()}: the words between runs of white space, none of them empty. */
  public static List<String> split(String text) {
    List<String> words = new ArrayList<>();
    int start = -1;
    for (int i = 0; i <= text.length(); i++) {
      boolean space = i == text.length() || isSpace(text.charAt(i));
      if (space && start >= 0) {
        words.add(text.substring(start, i));
        start = -1;
      } else if (!space && start < 0) {
        start = i;
      }
    }
    return words;
  }

  /** {@code text.split(separator)}: the pieces between separators, empty ones too. */
  public static List<String> split(String text, String separator) {
    List<String> pieces = new ArrayList<>();
    int start = 0;
    for (int at = text.indexOf(separator); at >= 0; at = text.indexOf(separator, start)) {
      pieces.add(text.substring(start, at));
      start = at + separator.length();
    }
    pieces.add(text.substring(start));
    return pieces;
  }

  /** {@code text.lower()}. */
  public static String lower(String text) {
    int sigma = text.indexOf(SIGMA);
    if (sigma < 0) {
      return text.toLowerCase(Locale.ROOT);
    }
    // Java looks further than the neighbouring letters for what ends a word.
    StringBuilder lower = new StringBuilder();
    int start = 0;
    for (; sigma >= 0; sigma = text.indexOf(SIGMA, start)) {
      lower.append(text.substring(start, sigma).toLowerCase(Locale.ROOT));
      lower.append(isFinal(text, sigma) ? 'ς' : 'σ');
      start = sigma + 1;
    }
    return lower.append(text.substring(start).toLowerCase(Locale.ROOT)).toString();
  }

  /** Whether a letter stands before a sigma and none behind it, marks inside words aside. */
  private static boolean isFinal(String text, int sigma) {
    int before = sigma;
    while (before > 0 && isIgnorable(text.codePointBefore(before))) {
      before -= Character.charCount(text.codePointBefore(before));
    }
    int after = sigma + 1;
    while (after < text.length() && isIgnorable(text.codePointAt(after))) {
      after += Character.charCount(text.codePointAt(after));
    }
    return before > 0
        && isCased(text.codePointBefore(before))
        && !(after < text.length() && isCased(text.codePointAt(after)));
  }

  private static boolean isCased(int c) {
    return Character.isUpperCase(c) || Character.isLowerCase(c) || Character.isTitleCase(c);
  }

  /** Unicode's Case_Ignorable. */
  private static boolean isIgnorable(int c) {
    return switch (Character.getType(c)) {
      case Character.NON_SPACING_MARK,
          Character.ENCLOSING_MARK,
          Character.FORMAT,
          Character.MODIFIER_LETTER,
          Character.MODIFIER_SYMBOL ->
          true;
      default -> c <= Character.MAX_VALUE && MID_LETTERS.indexOf(c) >= 0;
    };
  }

  /** {@code text.upper()}: may be longer, {@code ß} becomes {@code SS}. */
  public static String upper(String text) {
    return text.toUpperCase(Locale.ROOT);
  }

  /** {@code len(text)}: code points. */
  public static int length(String text) {
    return text.codePointCount(0, text.length());
  }
}
