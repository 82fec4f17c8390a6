package io.tokenflex.python;

import io.tokenflex.python.PythonLiteral.PythonTuple;
import java.io.Serial;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads one literal, by recursive descent. */
final class LiteralParser {
  private static final int MAX_DEPTH = 100;
  private static final Pattern FLOAT =
      Pattern.compile(
          "(?:[0-9][0-9_]*+\\.[0-9_]*+|\\.[0-9][0-9_]*+|[0-9][0-9_]*+(?=[eE]))"
              + "(?:[eE][+-]?[0-9][0-9_]*+)?");
  private static final Pattern INTEGER =
      Pattern.compile(
          "0[xX](_?[0-9a-fA-F]++)++|0[oO](_?[0-7]++)++|0[bB](_?[01]++)++|0(?:_?0)*+|[1-9](_?[0-9])*+");
  private static final Pattern WORD = Pattern.compile("[A-Za-z_][A-Za-z_0-9]*+");
  private static final Pattern STRING_START = Pattern.compile("([rRuU]?)('''|\"\"\"|'|\")");

  private final String text;
  private int at;
  private int depth;

  LiteralParser(String text) {
    this.text = text;
  }

  /** The text is no literal that is known here. */
  static final class NoLiteralException extends Exception {
    @Serial private static final long serialVersionUID = 1;

    NoLiteralException() {
      super("no literal", null, false, false);
    }
  }

  Object parseAll() throws NoLiteralException {
    skipSpace();
    Object value = value();
    skipSpace();
    expect(at == text.length());
    return value;
  }

  private Object value() throws NoLiteralException {
    expect(at < text.length() && ++depth <= MAX_DEPTH);
    char c = text.charAt(at);
    Object value;
    if (c == '[') {
      at++;
      value = Collections.unmodifiableList(values(']').values());
    } else if (c == '(') {
      at++;
      Sequence inside = values(')');
      value =
          inside.values().size() == 1 && !inside.comma()
              ? inside.values().get(0)
              : new PythonTuple(inside.values());
    } else if (STRING_START.matcher(text).region(at, text.length()).lookingAt()) {
      value = strings();
    } else if (c == '-' || c == '+') {
      at++;
      skipSpace();
      Object number = value();
      expect(number instanceof BigInteger || number instanceof Double);
      value = c == '+' ? number : negative(number);
    } else {
      value = wordOrNumber();
    }
    depth--;
    return value;
  }

  private static Object negative(Object number) {
    return number instanceof Double real ? (Object) (-real) : ((BigInteger) number).negate();
  }

  private record Sequence(List<Object> values, boolean comma) {}

  private Sequence values(char end) throws NoLiteralException {
    List<Object> values = new ArrayList<>();
    boolean comma = false;
    skipSpace();
    while (!skip(end)) {
      expect(values.isEmpty() || comma);
      values.add(value());
      skipSpace();
      comma = skip(',');
      skipSpace();
    }
    return new Sequence(values, comma);
  }

  private Object wordOrNumber() throws NoLiteralException {
    Matcher word = WORD.matcher(text).region(at, text.length());
    if (word.lookingAt()) {
      at = word.end();
      return switch (word.group()) {
        case "None" -> null;
        case "True" -> true;
        case "False" -> false;
        default -> throw new NoLiteralException();
      };
    }
    Matcher real = FLOAT.matcher(text).region(at, text.length());
    if (real.lookingAt()) {
      at = real.end();
      expectNoWord();
      return PythonNumbers.parseFloat(real.group()).orElseThrow(NoLiteralException::new);
    }
    Matcher integer = INTEGER.matcher(text).region(at, text.length());
    expect(integer.lookingAt());
    at = integer.end();
    expectNoWord();
    String digits = integer.group().replace("_", "");
    boolean prefixed = digits.length() > 1 && Character.isLetter(digits.charAt(1));
    if (!prefixed) {
      return new BigInteger(digits);
    }
    int radix =
        switch (Character.toLowerCase(digits.charAt(1))) {
          case 'x' -> 16;
          case 'o' -> 8;
          default -> 2;
        };
    return new BigInteger(digits.substring(2), radix);
  }

  private void expectNoWord() throws NoLiteralException {
    expect(at == text.length() || !Character.isLetterOrDigit(text.charAt(at)));
  }

  /** Neighbouring strings are one. */
  private String strings() throws NoLiteralException {
    StringBuilder value = new StringBuilder();
    Matcher start = STRING_START.matcher(text);
    while (start.region(at, text.length()).lookingAt()) {
      at = start.end();
      string(value, start.group(2), start.group(1).equalsIgnoreCase("r"));
      skipSpace();
    }
    return value.toString();
  }

  private void string(StringBuilder value, String quote, boolean raw) throws NoLiteralException {
    while (!text.startsWith(quote, at)) {
      expect(at < text.length());
      char c = text.charAt(at++);
      expect(quote.length() == 3 || (c != '\n' && c != '\r'));
      if (c != '\\') {
        value.append(c);
      } else if (raw) {
        expect(at < text.length());
        value.append(c).append(text.charAt(at++));
      } else {
        escape(value);
      }
    }
    at += quote.length();
  }

  private void escape(StringBuilder value) throws NoLiteralException {
    expect(at < text.length());
    char c = text.charAt(at++);
    switch (c) {
      case '\n' -> {}
      case '\\', '\'', '"' -> value.append(c);
      case 'a' -> value.append('\u0007');
      case 'b' -> value.append('\b');
      case 'f' -> value.append('\f');
      case 'n' -> value.append('\n');
      case 'r' -> value.append('\r');
      case 't' -> value.append('\t');
      case 'v' -> value.append('\u000b');
      case 'x' -> value.appendCodePoint(hex(2));
      case 'u' -> value.appendCodePoint(hex(4));
      case 'U' -> value.appendCodePoint(hex(8));
      case 'N' -> value.appendCodePoint(named());
      default -> {
        if (c >= '0' && c <= '7') {
          value.appendCodePoint(octal(c - '0'));
        } else {
          value.append('\\').append(c);
        }
      }
    }
  }

  private int octal(int first) {
    int code = first;
    for (int i = 1; i < 3 && at < text.length(); i++) {
      char c = text.charAt(at);
      if (c < '0' || c > '7') {
        break;
      }
      code = 8 * code + c - '0';
      at++;
    }
    return code;
  }

  private int hex(int digits) throws NoLiteralException {
    expect(at + digits <= text.length());
    String code = text.substring(at, at + digits);
    expect(code.chars().allMatch(c -> c < 0x80 && Character.digit(c, 16) >= 0));
    at += digits;
    long value = Long.parseLong(code, 16);
    expect(value <= Character.MAX_CODE_POINT);
    return (int) value;
  }

  private int named() throws NoLiteralException {
    int end = text.indexOf('}', at);
    expect(text.startsWith("{", at) && end > at);
    String name = text.substring(at + 1, end);
    at = end + 1;
    try {
      return Character.codePointOf(name);
    } catch (IllegalArgumentException e) {
      throw new NoLiteralException();
    }
  }

  private boolean skip(char wanted) {
    if (at < text.length() && text.charAt(at) == wanted) {
      at++;
      return true;
    }
    return false;
  }

  private void skipSpace() {
    while (at < text.length() && " \t\n\r\f".indexOf(text.charAt(at)) >= 0) {
      at++;
    }
  }

  private static void expect(boolean condition) throws NoLiteralException {
    if (!condition) {
      throw new NoLiteralException();
    }
  }
}
