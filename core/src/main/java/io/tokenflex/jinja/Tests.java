package io.tokenflex.jinja;

import io.tokenflex.jinja.Values.Callable;
import io.tokenflex.jinja.Values.Once;
import io.tokenflex.jinja.Values.Undefined;
import io.tokenflex.jinja.Values.View;
import java.util.List;
import java.util.Map;

/** Jinja2's tests, the operands of {@code is}. */
final class Tests {
  private Tests() {}

  static boolean passes(String test, Object value, Arguments given) {
    return switch (test) {
      case "eq", "equalto", "==" -> PythonCompare.areEqual(value, only(test, given));
      case "ne", "!=" -> !PythonCompare.areEqual(value, only(test, given));
      case "lt", "lessthan", "<" -> PythonCompare.order(value, only(test, given)) < 0;
      case "le", "<=" -> PythonCompare.order(value, only(test, given)) <= 0;
      case "gt", "greaterthan", ">" -> PythonCompare.order(value, only(test, given)) > 0;
      case "ge", ">=" -> PythonCompare.order(value, only(test, given)) >= 0;
      case "in" -> PythonCompare.contains(only(test, given), value);
      case "sameas" -> isSame(value, only(test, given));
      case "divisibleby" -> rest(value, only(test, given)) == 0;
      default -> {
        given.bind("test " + test);
        yield passes(test, value);
      }
    };
  }

  private static boolean passes(String test, Object value) {
    return switch (test) {
      case "defined" -> !(value instanceof Undefined);
      case "undefined" -> value instanceof Undefined;
      case "none" -> value == null;
      case "boolean" -> value instanceof Boolean;
      case "true" -> Boolean.TRUE.equals(value);
      case "false" -> Boolean.FALSE.equals(value);
      case "integer" -> value instanceof Long;
      case "float" -> value instanceof Double;
      case "number" -> PythonNumbers.isNumber(value);
      case "string" -> value instanceof String || value instanceof Values.Safe;
      case "mapping" -> value instanceof Map<?, ?>;
      case "iterable" -> Values.isSized(value) || value instanceof Once;
      case "sequence" -> isSequence(value);
      case "callable" -> value instanceof Callable || value instanceof Undefined;
      case "odd" -> rest(value, 2L) == 1;
      case "even" -> rest(value, 2L) == 0;
      case "lower" -> PythonStrings.isLower(PythonText.str(value));
      case "upper" -> PythonStrings.isUpper(PythonText.str(value));
      default -> throw new TemplateException("no test " + test);
    };
  }

  private static boolean isSequence(Object value) {
    return value instanceof Undefined
        || value instanceof String
        || value instanceof List<?>
        || value instanceof Map<?, ?>
        || (value instanceof View view && view.kind().equals("range"));
  }

  private static boolean isSame(Object left, Object right) {
    boolean known =
        left == null || right == null || left instanceof Boolean || right instanceof Boolean;
    if (!known) {
      throw new TemplateException(
          "sameas of " + Values.kindOf(left) + " and " + Values.kindOf(right));
    }
    return left == null ? right == null : left.equals(right);
  }

  private static long rest(Object value, Object divisor) {
    Object rest = PythonNumbers.operate("%", value, divisor);
    if (!PythonNumbers.isWhole(rest)) {
      throw new TemplateException("a test of divisibility of " + Values.kindOf(value));
    }
    return PythonNumbers.whole(rest);
  }

  private static Object only(String test, Arguments given) {
    return given.bind("test " + test, "other").get("other", null);
  }
}
