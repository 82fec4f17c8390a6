package io.tokenflex.jinja;

import io.tokenflex.jinja.Values.Once;
import io.tokenflex.jinja.Values.Tuple;
import io.tokenflex.jinja.Values.Undefined;
import io.tokenflex.jinja.Values.View;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/** Python's equality, order and membership. */
final class PythonCompare {
  private PythonCompare() {}

  static boolean areEqual(Object left, Object right) {
    if (PythonNumbers.isNumber(left) && PythonNumbers.isNumber(right)) {
      if (PythonNumbers.isWhole(left) && PythonNumbers.isWhole(right)) {
        return PythonNumbers.whole(left) == PythonNumbers.whole(right);
      }
      return PythonNumbers.real(left) == PythonNumbers.real(right);
    } else if (left instanceof Undefined || right instanceof Undefined) {
      return left instanceof Undefined && right instanceof Undefined;
    } else if (left instanceof View
        || right instanceof View
        || left instanceof Values.Safe
        || right instanceof Values.Safe) {
      throw new TemplateException(
          "a comparison of " + Values.kindOf(left) + " and " + Values.kindOf(right));
    } else if (left instanceof List<?> a && right instanceof List<?> b) {
      if (a instanceof Tuple != b instanceof Tuple || a.size() != b.size()) {
        return false;
      }
      for (int i = 0; i < a.size(); i++) {
        if (!areEqual(a.get(i), b.get(i))) {
          return false;
        }
      }
      return true;
    } else if (left instanceof Map<?, ?> a && right instanceof Map<?, ?> b) {
      return a.size() == b.size()
          && a.entrySet().stream()
              .allMatch(
                  e -> b.containsKey(e.getKey()) && areEqual(e.getValue(), b.get(e.getKey())));
    }
    return left == null ? right == null : left.equals(right);
  }

  /** Compares two values; negative, zero or positive. */
  static int order(Object left, Object right) {
    if (PythonNumbers.isNumber(left) && PythonNumbers.isNumber(right)) {
      double a = PythonNumbers.real(left);
      double b = PythonNumbers.real(right);
      if (Double.isNaN(a) || Double.isNaN(b)) {
        throw new TemplateException("an order of numbers of which one is nan");
      }
      return PythonNumbers.isWhole(left) && PythonNumbers.isWhole(right)
          ? Long.compare(PythonNumbers.whole(left), PythonNumbers.whole(right))
          : a < b ? -1 : a == b ? 0 : 1;
    } else if (left instanceof String a && right instanceof String b) {
      return ofStrings(a, b);
    } else if (left instanceof List<?> a
        && right instanceof List<?> b
        && a instanceof Tuple == b instanceof Tuple) {
      for (int i = 0; i < Math.min(a.size(), b.size()); i++) {
        if (!areEqual(a.get(i), b.get(i))) {
          return order(a.get(i), b.get(i));
        }
      }
      return Integer.compare(a.size(), b.size());
    }
    throw new TemplateException(
        "no order of " + Values.kindOf(left) + " and " + Values.kindOf(right));
  }

  /** Compares code points; Java's own order puts surrogate pairs before U+E000. */
  private static int ofStrings(String left, String right) {
    Iterator<Integer> a = left.codePoints().iterator();
    Iterator<Integer> b = right.codePoints().iterator();
    while (a.hasNext() && b.hasNext()) {
      int order = Integer.compare(a.next(), b.next());
      if (order != 0) {
        return order;
      }
    }
    return Boolean.compare(a.hasNext(), b.hasNext());
  }

  static boolean contains(Object whole, Object part) {
    if (whole instanceof String text) {
      if (part instanceof String word) {
        return text.contains(word);
      }
      throw new TemplateException("a search in a string for " + Values.kindOf(part));
    } else if (whole instanceof Map<?, ?> map) {
      return map.containsKey(key(part));
    } else if (whole instanceof Once once) {
      while (!once.isEmpty()) {
        if (areEqual(once.next(), part)) {
          return true;
        }
      }
      return false;
    }
    return Values.elements(whole).stream().anyMatch(element -> areEqual(element, part));
  }

  static boolean compare(String operator, Object left, Object right) {
    return switch (operator) {
      case "==" -> areEqual(left, right);
      case "!=" -> !areEqual(left, right);
      case "in" -> contains(right, left);
      case "not in" -> !contains(right, left);
      case "<" -> order(left, right) < 0;
      case "<=" -> order(left, right) <= 0;
      case ">" -> order(left, right) > 0;
      default -> order(left, right) >= 0;
    };
  }

  /** Normalizes a map key: Python treats 1, 1.0 and True as the same key. */
  static Object key(Object key) {
    if (key == null || key instanceof String || key instanceof Long) {
      return key;
    }
    throw new TemplateException("a key of a map that is " + Values.kindOf(key));
  }
}
