package io.tokenflex.jinja;

/** Decodes escapes in string literals as Python does. */
final class StringLiteral {
  private StringLiteral() {}

  static String unescape(String literal) {
    if (literal.indexOf('\\') < 0) {
      return literal;
    }
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < literal.length(); i++) {
      if (literal.charAt(i) == '\\') {
        i = escape(literal, i + 1, text);
      } else {
        text.append(literal.charAt(i));
      }
    }
    return text.toString();
  }

  /** Decodes the escape after a backslash; returns its end. */
  private static int escape(String literal, int at, StringBuilder text) {
    char escape = literal.charAt(at);
    int simple = "ntrabfv\\'\"".indexOf(escape);
    if (escape == '\n') {
      return at; // line continuation
    } else if (escape >= '0' && escape <= '7') {
      int end = at + 1;
      while (end < Math.min(at + 3, literal.length()) && isOctal(literal.charAt(end))) {
        end++;
      }
      text.appendCodePoint(Integer.parseInt(literal.substring(at, end), 8));
      return end - 1;
    } else if (simple >= 0) {
      text.append("\n\t\r\u0007\b\f\u000b\\'\"".charAt(simple));
      return at;
    } else if (escape == 'x' || escape == 'u' || escape == 'U') {
      int digits = escape == 'x' ? 2 : escape == 'u' ? 4 : 8;
      text.appendCodePoint(hex(literal, at + 1, digits));
      return at + digits;
    } else if (escape == 'N') {
      throw new TemplateException(
          "characters by name (\\N) are not supported in '" + literal + "'");
    }
    text.append('\\').append(escape);
    return at;
  }

  private static boolean isOctal(char c) {
    return c >= '0' && c <= '7';
  }

  private static int hex(String literal, int from, int digits) {
    String number = from + digits <= literal.length() ? literal.substring(from, from + digits) : "";
    if (!number.matches("[0-9a-fA-F]+") || Long.parseLong(number, 16) > Character.MAX_CODE_POINT) {
      throw new TemplateException("a cut escape in the string '" + literal + "'");
    }
    return Integer.parseInt(number, 16);
  }
}
