package io.tokenflex.python;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.regex.Pattern;

/** {@code float()}, {@code int()}, {@code round()} and {@code str()} of numbers in Python 3. */
public final class PythonNumbers {
  // Possessive: a long text must not make the matcher go back digit by digit.
  private static final Pattern DECIMAL =
      Pattern.compile(
          "[+-]?(?:[0-9]++(?:\\.[0-9]*+)?|\\.[0-9]++)(?:[eE][+-]?[0-9]++)?", Pattern.DOTALL);
  private static final Pattern INTEGER = Pattern.compile("[+-]?[0-9]++");

  /** Digits that identify every double. */
  private static final int MAX_DIGITS = 17;

  private PythonNumbers() {}

  /**
   * {@code float(text)}: white space around, {@code _} between digits, any Unicode digit, {@code
   * inf}, {@code infinity} and {@code nan} in any case.
   *
   * @return empty where Python raises {@code ValueError}
   */
  public static OptionalDouble parseFloat(String text) {
    Optional<String> plain = plainNumber(text);
    if (plain.isEmpty()) {
      return OptionalDouble.empty();
    }
    String number = plain.get();
    if (DECIMAL.matcher(number).matches()) {
      return OptionalDouble.of(Double.parseDouble(number));
    }
    boolean signed = number.startsWith("+") || number.startsWith("-");
    double sign = number.startsWith("-") ? -1 : 1;
    return switch (PythonText.lower(signed ? number.substring(1) : number)) {
      case "inf", "infinity" -> OptionalDouble.of(sign * Double.POSITIVE_INFINITY);
      case "nan" -> OptionalDouble.of(Double.NaN);
      default -> OptionalDouble.empty();
    };
  }

  /**
   * {@code int(text)}, of any size.
   *
   * @return empty where Python raises {@code ValueError}
   */
  public static Optional<BigInteger> parseInt(String text) {
    return plainNumber(text)
        .filter(number -> INTEGER.matcher(number).matches())
        .map(BigInteger::new);
  }

  /** The text in ASCII, without white space around and {@code _} between digits. */
  private static Optional<String> plainNumber(String text) {
    StringBuilder plain = new StringBuilder();
    String stripped = PythonText.strip(text);
    for (int i = 0; i < stripped.length(); ) {
      int c = stripped.codePointAt(i);
      i += Character.charCount(c);
      if (c < 0x80) {
        plain.append((char) c);
      } else if (Character.getType(c) == Character.DECIMAL_DIGIT_NUMBER) {
        plain.append((char) ('0' + Character.digit(c, 10)));
      } else {
        return Optional.empty();
      }
    }
    for (int i = 0; i < plain.length(); i++) {
      if (plain.charAt(i) == '_' && !(isDigit(plain, i - 1) && isDigit(plain, i + 1))) {
        return Optional.empty();
      }
    }
    return Optional.of(plain.toString().replace("_", ""));
  }

  private static boolean isDigit(CharSequence text, int at) {
    return at >= 0 && at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9';
  }

  /**
   * {@code round(number, digits)}: of the exact binary value, ties to even. Not finite numbers and
   * the sign of zero stay.
   */
  public static double round(double number, int digits) {
    if (!Double.isFinite(number) || number == 0) {
      return number;
    }
    double rounded = new BigDecimal(number).setScale(digits, RoundingMode.HALF_EVEN).doubleValue();
    return Math.copySign(rounded, number);
  }

  /** {@code str(number)} of a float: the shortest digits that give the same double. */
  public static String text(double number) {
    if (Double.isNaN(number)) {
      return "nan";
    }
    String sign = Math.copySign(1, number) < 0 ? "-" : "";
    double size = Math.abs(number);
    if (Double.isInfinite(size)) {
      return sign + "inf";
    }
    return sign + (size == 0 ? "0.0" : positiveText(size));
  }

  // Double.toString gives one digit too many for some numbers before Java 19.
  private static String positiveText(double size) {
    BigDecimal exact = new BigDecimal(size);
    BigDecimal shortest = exact;
    for (int precision = 1; precision <= MAX_DIGITS; precision++) {
      shortest = exact.round(new MathContext(precision, RoundingMode.HALF_EVEN));
      if (shortest.doubleValue() == size) {
        break;
      }
    }
    shortest = shortest.stripTrailingZeros();
    String digits = shortest.unscaledValue().toString();
    int exponent = digits.length() - 1 - shortest.scale();
    if (exponent < -4 || exponent >= 16) {
      String mantissa =
          digits.length() == 1 ? digits : digits.charAt(0) + "." + digits.substring(1);
      String size10 = Integer.toString(Math.abs(exponent));
      return mantissa
          + (exponent < 0 ? "e-" : "e+")
          + (size10.length() == 1 ? "0" + size10 : size10);
    }
    String plain = shortest.toPlainString();
    return plain.contains(".") ? plain : plain + ".0";
  }
}
