package io.tokenflex.jinja;

import com.hubspot.jinjava.el.TruthyTypeConverter;
import com.hubspot.jinjava.objects.SafeString;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Truth, equality and sums of Python. */
final class PythonValues extends TruthyTypeConverter {
  private static final long serialVersionUID = 1;

  /** Unlike Jinjava's own, the string "false" is true. */
  @Override
  protected Boolean coerceToBoolean(Object value) {
    return isTrue(value);
  }

  static boolean isTrue(Object value) {
    if (value == null) {
      return false;
    }
    if (value instanceof Boolean truth) {
      return truth;
    }
    if (value instanceof Number number) {
      return number.doubleValue() != 0;
    }
    if (value instanceof CharSequence || value instanceof SafeString) {
      return !value.toString().isEmpty();
    }
    if (value instanceof Collection<?> collection) {
      return !collection.isEmpty();
    }
    return !(value instanceof Map<?, ?> map) || !map.isEmpty();
  }

  static boolean areEqual(Object left, Object right) {
    if (isNumber(left) && isNumber(right)) {
      return toNumber(left).doubleValue() == toNumber(right).doubleValue();
    }
    return Objects.equals(left, right);
  }

  private static boolean isNumber(Object value) {
    return value instanceof Number || value instanceof Boolean;
  }

  private static Number toNumber(Object value) {
    return value instanceof Boolean truth ? (truth ? 1 : 0) : (Number) value;
  }

  /** Strings, lists and numbers, each with its own kind; Jinjava would write "null" for nothing. */
  static Object plus(Object left, Object right) {
    if (left instanceof String a && right instanceof String b) {
      Limits.checkLength((long) a.length() + b.length());
      return a + b;
    }
    if (left instanceof List<?> a && right instanceof List<?> b) {
      List<Object> sum = new ArrayList<>(a);
      sum.addAll(b);
      return sum;
    }
    if (isNumber(left) && isNumber(right)) {
      Number a = toNumber(left);
      Number b = toNumber(right);
      if (isWhole(a) && isWhole(b)) {
        return a.longValue() + b.longValue();
      }
      return a.doubleValue() + b.doubleValue();
    }
    throw new UnsupportedOperationException(
        "cannot add %s and %s".formatted(kindOf(left), kindOf(right)));
  }

  private static boolean isWhole(Number number) {
    return number instanceof Integer || number instanceof Long;
  }

  static String kindOf(Object value) {
    if (value == null) {
      return "an undefined value";
    }
    if (value instanceof String) {
      return "a string";
    }
    if (value instanceof List<?>) {
      return "a list";
    }
    if (value instanceof Map<?, ?>) {
      return "a map";
    }
    return isNumber(value) ? value.toString() : "a thing that is no value";
  }
}
