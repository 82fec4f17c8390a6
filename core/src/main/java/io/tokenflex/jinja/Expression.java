package io.tokenflex.jinja;

import io.tokenflex.jinja.Values.Callable;
import io.tokenflex.jinja.Values.Tuple;
import io.tokenflex.jinja.Values.Undefined;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A template expression. */
sealed interface Expression {
  Object eval(Frame frame);

  /** Its direct subexpressions. */
  default List<Expression> parts() {
    return List.of();
  }

  record Constant(Object value) implements Expression {
    @Override
    public Object eval(Frame frame) {
      return value;
    }
  }

  record Name(String name) implements Expression {
    @Override
    public Object eval(Frame frame) {
      frame.run().step();
      Object value = frame.get(name);
      if (value instanceof Undefined && name.equals("self")) {
        throw new TemplateException("self, the template's blocks, is not supported");
      }
      return value;
    }
  }

  record ListOf(List<Expression> elements, boolean isTuple) implements Expression {
    @Override
    public Object eval(Frame frame) {
      List<Object> values = new ArrayList<>();
      elements.forEach(element -> values.add(element.eval(frame)));
      return isTuple ? new Tuple(values) : values;
    }

    @Override
    public List<Expression> parts() {
      return elements;
    }
  }

  record MapOf(List<Expression> keys, List<Expression> values) implements Expression {
    @Override
    public Object eval(Frame frame) {
      Map<Object, Object> map = new LinkedHashMap<>();
      for (int i = 0; i < keys.size(); i++) {
        map.put(PythonCompare.key(keys.get(i).eval(frame)), values.get(i).eval(frame));
      }
      return map;
    }

    @Override
    public List<Expression> parts() {
      return values;
    }
  }

  record Binary(String operator, Expression left, Expression right) implements Expression {
    @Override
    public Object eval(Frame frame) {
      frame.run().step();
      Object value = left.eval(frame);
      return switch (operator) {
        case "and" -> Values.isTrue(value) ? right.eval(frame) : value;
        case "or" -> Values.isTrue(value) ? value : right.eval(frame);
        default -> PythonNumbers.operate(operator, value, right.eval(frame));
      };
    }

    @Override
    public List<Expression> parts() {
      return List.of(left, right);
    }
  }

  record Not(Expression operand) implements Expression {
    @Override
    public Object eval(Frame frame) {
      return !Values.isTrue(operand.eval(frame));
    }

    @Override
    public List<Expression> parts() {
      return List.of(operand);
    }
  }

  record Sign(boolean negative, Expression operand) implements Expression {
    @Override
    public Object eval(Frame frame) {
      Object value = operand.eval(frame);
      return negative
          ? PythonNumbers.negate(value)
          : PythonNumbers.negate(PythonNumbers.negate(value));
    }

    @Override
    public List<Expression> parts() {
      return List.of(operand);
    }
  }

  /** {@code a ~ b ~ c}: concatenation as text. */
  record Concatenation(List<Expression> parts) implements Expression {
    @Override
    public Object eval(Frame frame) {
      StringBuilder text = new StringBuilder();
      for (Expression part : parts) {
        Object value = part.eval(frame);
        if (value instanceof Values.Safe) {
          throw new TemplateException("~ of " + Values.kindOf(value));
        }
        text.append(PythonText.str(value));
        Limits.checkLength(text.length());
      }
      return text.toString();
    }
  }

  /** {@code a < b < c}: compares neighbours, evaluating each operand once. */
  record Comparison(Expression first, List<String> operators, List<Expression> others)
      implements Expression {
    @Override
    public Object eval(Frame frame) {
      frame.run().step();
      Object left = first.eval(frame);
      for (int i = 0; i < operators.size(); i++) {
        Object right = others.get(i).eval(frame);
        if (!PythonCompare.compare(operators.get(i), left, right)) {
          return false;
        }
        left = right;
      }
      return true;
    }

    @Override
    public List<Expression> parts() {
      List<Expression> parts = new ArrayList<>(others);
      parts.add(0, first);
      return parts;
    }
  }

  /** {@code a if condition else b}; without else, the alternative is undefined. */
  record Conditional(Expression condition, Expression yes, Expression no) implements Expression {
    @Override
    public Object eval(Frame frame) {
      if (Values.isTrue(condition.eval(frame))) {
        return yes.eval(frame);
      }
      return no == null ? new Undefined("an if without else") : no.eval(frame);
    }

    @Override
    public List<Expression> parts() {
      return no == null ? List.of(condition, yes) : List.of(condition, yes, no);
    }
  }

  /** {@code base.name}. */
  record Attribute(Expression base, String name) implements Expression {
    @Override
    public Object eval(Frame frame) {
      frame.run().step();
      return Members.attribute(base.eval(frame), name);
    }

    @Override
    public List<Expression> parts() {
      return List.of(base);
    }
  }

  /** {@code base[index]}. */
  record Item(Expression base, Expression index) implements Expression {
    @Override
    public Object eval(Frame frame) {
      frame.run().step();
      return Members.item(base.eval(frame), index.eval(frame));
    }

    @Override
    public List<Expression> parts() {
      return List.of(base, index);
    }
  }

  /** {@code base[start:stop:step]}; omitted parts are null. */
  record Slice(Expression base, Expression start, Expression stop, Expression step)
      implements Expression {
    @Override
    public Object eval(Frame frame) {
      return Members.slice(
          base.eval(frame), bound(start, frame), bound(stop, frame), bound(step, frame));
    }

    private static Long bound(Expression bound, Frame frame) {
      Object value = bound == null ? null : bound.eval(frame);
      if (value != null && !PythonNumbers.isWhole(value)) {
        throw new TemplateException("a slice by " + Values.kindOf(value));
      }
      return value == null ? null : (Long) PythonNumbers.whole(value);
    }

    @Override
    public List<Expression> parts() {
      return List.of(base);
    }
  }

  /** Unevaluated arguments of a call. */
  record Given(List<Expression> positional, Map<String, Expression> named) {
    Arguments eval(Frame frame) {
      List<Object> values = new ArrayList<>();
      positional.forEach(argument -> values.add(argument.eval(frame)));
      Map<String, Object> byName = new LinkedHashMap<>();
      named.forEach((name, argument) -> byName.put(name, argument.eval(frame)));
      return new Arguments(values, byName);
    }

    List<Expression> parts() {
      List<Expression> parts = new ArrayList<>(positional);
      parts.addAll(named.values());
      return parts;
    }
  }

  record Call(Expression function, Given given) implements Expression {
    @Override
    public Object eval(Frame frame) {
      frame.run().step();
      Object callable = function.eval(frame);
      if (callable instanceof Callable call) {
        return call.call(given.eval(frame));
      }
      throw new TemplateException("no call of " + Values.kindOf(callable));
    }

    @Override
    public List<Expression> parts() {
      List<Expression> parts = given.parts();
      parts.add(0, function);
      return parts;
    }
  }

  /** {@code value|name(...)}. */
  record Filtered(Expression value, String name, Given given) implements Expression {
    @Override
    public Object eval(Frame frame) {
      frame.run().step();
      return Filters.apply(name, value.eval(frame), given.eval(frame), frame);
    }

    @Override
    public List<Expression> parts() {
      List<Expression> parts = given.parts();
      parts.add(0, value);
      return parts;
    }
  }

  /** {@code value is name(...)}. */
  record Tested(Expression value, String name, Given given) implements Expression {
    @Override
    public Object eval(Frame frame) {
      frame.run().step();
      return Tests.passes(name, value.eval(frame), given.eval(frame));
    }

    @Override
    public List<Expression> parts() {
      List<Expression> parts = given.parts();
      parts.add(0, value);
      return parts;
    }
  }
}
