package io.tokenflex.table;

import java.util.Locale;
import java.util.OptionalDouble;

/**
 * A number as pandas' parser makes it: at most 17 digits, scaled by one power of ten. It may differ
 * in the last digit from the double that is nearest to the text.
 */
final class PandasFloat {
  private static final int MAX_DIGITS = 17;
  private static final int MAX_EXPONENT = 308;
  private static final double[] POWERS = new double[MAX_EXPONENT + 1];

  static {
    for (int i = 0; i <= MAX_EXPONENT; i++) {
      POWERS[i] = Double.parseDouble("1e" + i);
    }
  }

  private final String text;
  private int at;
  private double number;
  private int numDigits;
  private int exponent;

  private PandasFloat(String text) {
    this.text = text;
  }

  /** Empty if the text is no number, or one too large for a double. */
  static OptionalDouble parse(String text) {
    return switch (text.toLowerCase(Locale.ROOT)) {
      case "inf", "+inf", "infinity", "+infinity" -> OptionalDouble.of(Double.POSITIVE_INFINITY);
      case "-inf", "-infinity" -> OptionalDouble.of(Double.NEGATIVE_INFINITY);
      default -> new PandasFloat(text).parse();
    };
  }

  private OptionalDouble parse() {
    skipSpace();
    boolean negative = skipSign();
    while (isDigit()) {
      take();
    }
    if (skip('.')) {
      int before = numDigits;
      while (numDigits < MAX_DIGITS && isDigit()) {
        take();
      }
      exponent -= numDigits - before;
      while (isDigit()) {
        at++;
      }
    }
    if (numDigits == 0) {
      return OptionalDouble.empty();
    }
    takeExponent();
    skipSpace();
    double value = scaled();
    return at == text.length() && Double.isFinite(value)
        ? OptionalDouble.of(negative ? -value : value)
        : OptionalDouble.empty();
  }

  private void take() {
    if (numDigits < MAX_DIGITS) {
      number = number * 10 + (text.charAt(at) - '0');
      numDigits++;
    } else {
      exponent++;
    }
    at++;
  }

  private void takeExponent() {
    int start = at;
    if (!skip('e') && !skip('E')) {
      return;
    }
    boolean negative = skipSign();
    int first = at;
    long size = 0;
    while (at - first < MAX_DIGITS && isDigit()) {
      size = Math.min(size * 10 + (text.charAt(at) - '0'), Integer.MAX_VALUE / 4);
      at++;
    }
    if (at == first) {
      at = start;
    }
    exponent += (int) (negative ? -size : size);
  }

  private double scaled() {
    if (exponent > MAX_EXPONENT) {
      return Double.POSITIVE_INFINITY;
    }
    if (exponent >= 0) {
      return number * POWERS[exponent];
    }
    if (exponent >= -MAX_EXPONENT) {
      return number / POWERS[-exponent];
    }
    int rest = Math.min(-MAX_EXPONENT - exponent, MAX_EXPONENT);
    return number / POWERS[rest] / POWERS[MAX_EXPONENT];
  }

  private void skipSpace() {
    while (at < text.length() && PandasCells.isAsciiSpace(text.charAt(at))) {
      at++;
    }
  }

  private boolean skipSign() {
    boolean negative = skip('-');
    if (!negative) {
      skip('+');
    }
    return negative;
  }

  private boolean skip(char c) {
    if (at < text.length() && text.charAt(at) == c) {
      at++;
      return true;
    }
    return false;
  }

  private boolean isDigit() {
    return at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9';
  }
}
