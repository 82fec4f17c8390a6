package io.tokenflex.jinja;

import io.tokenflex.jinja.Values.Tuple;
import java.util.ArrayList;
import java.util.List;

/** Python's arithmetic; integers beyond 64 bits are rejected. */
final class PythonNumbers {
  private PythonNumbers() {}

  static boolean isNumber(Object value) {
    return value instanceof Number || value instanceof Boolean;
  }

  static boolean isWhole(Object value) {
    return value instanceof Long || value instanceof Boolean;
  }

  static long whole(Object value) {
    return value instanceof Boolean truth ? (truth ? 1 : 0) : ((Number) value).longValue();
  }

  static double real(Object value) {
    return value instanceof Boolean ? whole(value) : ((Number) value).doubleValue();
  }

  static Object operate(String operator, Object left, Object right) {
    if (operator.equals("+") && left instanceof String a && right instanceof String b) {
      Limits.checkLength((long) a.length() + b.length());
      return a + b;
    } else if (operator.equals("+")
        && left instanceof List<?> a
        && right instanceof List<?> b
        && a instanceof Tuple == b instanceof Tuple) {
      List<Object> sum = new ArrayList<>(a);
      sum.addAll(b);
      Limits.checkElements(sum.size());
      return a instanceof Tuple ? new Tuple(sum) : sum;
    } else if (operator.equals("*") && isWhole(right) && isRepeatable(left)) {
      return repeat(left, whole(right));
    } else if (operator.equals("*") && isWhole(left) && isRepeatable(right)) {
      return repeat(right, whole(left));
    } else if (operator.equals("%") && left instanceof String format) {
      return PercentFormat.format(format, right);
    } else if (!isNumber(left) || !isNumber(right)) {
      throw new TemplateException(
          "no " + operator + " of " + Values.kindOf(left) + " and " + Values.kindOf(right));
    }
    try {
      return isWhole(left) && isWhole(right)
          ? ofWhole(operator, whole(left), whole(right))
          : ofReal(operator, real(left), real(right));
    } catch (ArithmeticException e) {
      throw new TemplateException(
          PythonText.str(left)
              + " "
              + operator
              + " "
              + PythonText.str(right)
              + " is beyond 64 bits");
    }
  }

  private static boolean isRepeatable(Object value) {
    return value instanceof String || value instanceof List<?>;
  }

  private static Object repeat(Object value, long times) {
    long count = Math.max(0, times);
    if (value instanceof String text) {
      Limits.checkLength(
          Math.multiplyExact(text.length(), Math.min(count, Limits.CHARACTERS + 1L)));
      return text.repeat((int) count);
    }
    List<?> list = (List<?>) value;
    Limits.checkElements(Math.multiplyExact(list.size(), Math.min(count, Limits.COLLECTION + 1L)));
    List<Object> repeated = new ArrayList<>();
    for (long i = 0; i < count && !list.isEmpty(); i++) {
      repeated.addAll(list);
    }
    return list instanceof Tuple ? new Tuple(repeated) : repeated;
  }

  private static Object ofWhole(String operator, long a, long b) {
    return switch (operator) {
      case "+" -> Math.addExact(a, b);
      case "-" -> Math.subtractExact(a, b);
      case "*" -> Math.multiplyExact(a, b);
      case "/" -> divided(a, b);
      case "//" -> {
        checkDivisor((double) b);
        yield b == -1 ? Math.negateExact(a) : Math.floorDiv(a, b);
      }
      case "%" -> {
        checkDivisor((double) b);
        yield Math.floorMod(a, b);
      }
      default -> {
        if (b < 0) {
          yield power((double) a, (double) b);
        }
        yield powerOf(a, b);
      }
    };
  }

  private static double divided(long a, long b) {
    checkDivisor((double) b);
    // Python rounds the exact quotient once; converting integers beyond 53 bits to double rounds
    // before.
    if (Math.abs(a) > 1L << 53 || Math.abs(b) > 1L << 53) {
      throw new TemplateException("a division of " + a + " by " + b + ", which exceed 53 bits");
    }
    return (double) a / b;
  }

  private static long powerOf(long base, long exponent) {
    if (exponent > 64 && (base < -1 || base > 1)) {
      throw new ArithmeticException();
    }
    long power = 1;
    for (long i = 0; i < Math.min(exponent, 64 + exponent % 2); i++) {
      power = Math.multiplyExact(power, base);
    }
    return power;
  }

  private static Object ofReal(String operator, double a, double b) {
    return switch (operator) {
      case "+" -> a + b;
      case "-" -> a - b;
      case "*" -> a * b;
      case "/" -> {
        checkDivisor(b);
        yield a / b;
      }
      case "//" -> floorDivided(a, b);
      case "%" -> modulo(a, b);
      default -> power(a, b);
    };
  }

  private static double modulo(double a, double b) {
    checkDivisor(b);
    double rest = a % b;
    if (rest == 0) {
      return Math.copySign(0, b);
    }
    return rest < 0 == b < 0 ? rest : rest + b;
  }

  private static double floorDivided(double a, double b) {
    checkDivisor(b);
    double rest = a % b;
    double quotient = (a - rest) / b;
    if (rest != 0 && rest < 0 != b < 0) {
      quotient -= 1;
    }
    if (quotient == 0) {
      return Math.copySign(0, a / b);
    }
    double floor = Math.floor(quotient);
    return quotient - floor > 0.5 ? floor + 1 : floor;
  }

  private static double power(double a, double b) {
    if (a == 0 && b < 0) {
      throw new TemplateException("zero to a negative power");
    }
    double power = Math.pow(a, b);
    if (Double.isNaN(power) && !Double.isNaN(a) && !Double.isNaN(b)) {
      throw new TemplateException("a negative number to a broken power");
    }
    if (Double.isInfinite(power) && !Double.isInfinite(a) && !Double.isInfinite(b)) {
      throw new TemplateException("a power beyond the range of numbers");
    }
    return power;
  }

  private static void checkDivisor(double divisor) {
    if (divisor == 0) {
      throw new TemplateException("a division by zero");
    }
  }

  static Object negate(Object value) {
    if (!isNumber(value)) {
      throw new TemplateException("no negative of " + Values.kindOf(value));
    }
    return isWhole(value) ? operate("-", 0L, value) : -real(value);
  }
}
