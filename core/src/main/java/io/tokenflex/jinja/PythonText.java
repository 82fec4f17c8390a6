package io.tokenflex.jinja;

import io.tokenflex.jinja.Values.Safe;
import io.tokenflex.jinja.Values.Tuple;
import io.tokenflex.jinja.Values.Undefined;
import io.tokenflex.jinja.Values.View;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Formats values as Python's {@code str} and {@code repr}. */
final class PythonText {
  private static final int MAX_DIGITS = 17;
  private static final int MAX_DEPTH = 100;

  private PythonText() {}

  /** As {@code str(value)}. */
  static String str(Object value) {
    if (value instanceof String text) {
      return text;
    } else if (value instanceof Undefined) {
      return "";
    } else if (value instanceof Safe safe) {
      return safe.text();
    }
    StringBuilder out = new StringBuilder();
    repr(value, out, 0);
    return out.toString();
  }

  /** As {@code repr(value)}. */
  static String repr(Object value) {
    StringBuilder out = new StringBuilder();
    repr(value, out, 0);
    return out.toString();
  }

  private static void repr(Object value, StringBuilder out, int depth) {
    Limits.checkLength(out.length());
    if (depth > MAX_DEPTH) {
      throw new TemplateException("a value of more than " + MAX_DEPTH + " levels is written");
    }
    if (value == null) {
      out.append("None");
    } else if (value instanceof Boolean truth) {
      out.append(truth ? "True" : "False");
    } else if (value instanceof Double number) {
      out.append(real(number));
    } else if (value instanceof Long) {
      out.append(value);
    } else if (value instanceof String text) {
      quote(text, out);
    } else if (value instanceof Tuple tuple) {
      elements("(", tuple, tuple.size() == 1 ? ",)" : ")", out, depth);
    } else if (value instanceof List<?> list) {
      elements("[", list, "]", out, depth);
    } else if (value instanceof Map<?, ?> map) {
      String comma = "{";
      for (Map.Entry<?, ?> entry : map.entrySet()) {
        out.append(comma);
        repr(entry.getKey(), out, depth + 1);
        out.append(": ");
        repr(entry.getValue(), out, depth + 1);
        comma = ", ";
      }
      out.append(map.isEmpty() ? "{}" : "}");
    } else if (value instanceof Undefined) {
      out.append("Undefined");
    } else if (value instanceof View view && !view.kind().equals("range")) {
      elements(view.kind() + "([", view.elements(), "])", out, depth);
    } else {
      throw new TemplateException(Values.kindOf(value) + " is written");
    }
  }

  private static void elements(
      String begin, List<?> list, String end, StringBuilder out, int depth) {
    out.append(begin);
    String comma = "";
    for (Object element : list) {
      out.append(comma);
      repr(element, out, depth + 1);
      comma = ", ";
    }
    out.append(end);
  }

  private static void quote(String text, StringBuilder out) {
    char quote = text.indexOf('\'') >= 0 && text.indexOf('"') < 0 ? '"' : '\'';
    out.append(quote);
    text.codePoints()
        .forEach(
            c -> {
              if (c == quote || c == '\\') {
                out.append('\\').append((char) c);
              } else if (c == '\n' || c == '\r' || c == '\t') {
                out.append('\\').append(c == '\n' ? 'n' : c == '\r' ? 'r' : 't');
              } else if (isPrintable(c)) {
                out.appendCodePoint(c);
              } else {
                String format = c < 0x100 ? "\\x%02x" : c < 0x10000 ? "\\u%04x" : "\\U%08x";
                out.append(String.format(Locale.ROOT, format, c));
              }
            });
    out.append(quote);
  }

  private static boolean isPrintable(int c) {
    return switch (Character.getType(c)) {
      case Character.UNASSIGNED ->
          throw new TemplateException(
              "a list or map is written with the character U+"
                  + Integer.toHexString(c)
                  + ", of which it is not known whether it is printed");
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.PRIVATE_USE,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          false;
      case Character.SPACE_SEPARATOR -> c == ' ';
      default -> true;
    };
  }

  /** The shortest decimal that parses to the same double, in Python's notation. */
  static String real(double value) {
    if (Double.isNaN(value)) {
      return "nan";
    } else if (Double.isInfinite(value)) {
      return value > 0 ? "inf" : "-inf";
    } else if (value == 0) {
      return 1 / value < 0 ? "-0.0" : "0.0";
    }
    BigDecimal exact = new BigDecimal(value);
    BigDecimal shortest = exact;
    for (int digits = 1; digits <= MAX_DIGITS; digits++) {
      shortest = exact.round(new MathContext(digits, RoundingMode.HALF_EVEN));
      if (shortest.doubleValue() == value) {
        break;
      }
    }
    shortest = shortest.stripTrailingZeros();
    String digits = shortest.unscaledValue().abs().toString();
    int point = digits.length() - shortest.scale(); // number of digits before the decimal point
    String sign = value < 0 ? "-" : "";
    if (point <= -4 || point > 16) {
      String rest = digits.length() > 1 ? "." + digits.substring(1) : "";
      int exponent = point - 1;
      return sign
          + digits.charAt(0)
          + rest
          + String.format(Locale.ROOT, "e%s%02d", exponent < 0 ? "-" : "+", Math.abs(exponent));
    } else if (point <= 0) {
      return sign + "0." + "0".repeat(-point) + digits;
    } else if (digits.length() <= point) {
      return sign + digits + "0".repeat(point - digits.length()) + ".0";
    }
    return sign + digits.substring(0, point) + "." + digits.substring(point);
  }
}
