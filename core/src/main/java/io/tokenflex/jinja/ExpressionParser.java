package io.tokenflex.jinja;

import io.tokenflex.jinja.Expression.Attribute;
import io.tokenflex.jinja.Expression.Binary;
import io.tokenflex.jinja.Expression.Call;
import io.tokenflex.jinja.Expression.Comparison;
import io.tokenflex.jinja.Expression.Concatenation;
import io.tokenflex.jinja.Expression.Conditional;
import io.tokenflex.jinja.Expression.Constant;
import io.tokenflex.jinja.Expression.Filtered;
import io.tokenflex.jinja.Expression.Given;
import io.tokenflex.jinja.Expression.Item;
import io.tokenflex.jinja.Expression.ListOf;
import io.tokenflex.jinja.Expression.MapOf;
import io.tokenflex.jinja.Expression.Name;
import io.tokenflex.jinja.Expression.Not;
import io.tokenflex.jinja.Expression.Sign;
import io.tokenflex.jinja.Expression.Slice;
import io.tokenflex.jinja.Expression.Tested;
import io.tokenflex.jinja.Token.Kind;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Parser of Jinja2 expressions. */
class ExpressionParser extends TokenReader {
  private static final Set<String> COMPARISONS = Set.of("==", "!=", "<", "<=", ">", ">=");

  /**
   * Names read since the current macro began, which show whether it uses {@code varargs}, {@code
   * kwargs} or {@code caller}.
   */
  final Set<String> namesSeen = new HashSet<>();

  ExpressionParser(List<Token> tokens) {
    super(tokens);
  }

  /** Parses one expression or, with commas, a tuple. */
  final Expression tuple(boolean conditional, Set<String> ends) {
    return tuple(conditional, ends, false);
  }

  private Expression tuple(boolean conditional, Set<String> ends, boolean inParentheses) {
    List<Expression> elements = new ArrayList<>();
    boolean commas = false;
    while (!endsTuple(ends)) {
      elements.add(conditional ? expression() : or());
      if (!skipOperator(",")) {
        break;
      }
      commas = true;
    }
    if (!commas && elements.size() == 1) {
      return elements.get(0);
    }
    if (elements.isEmpty() && !inParentheses) {
      throw error("expected an expression, not " + shown());
    }
    return new ListOf(elements, true);
  }

  private boolean endsTuple(Set<String> ends) {
    return current().kind() == Kind.OUTPUT_END
        || current().kind() == Kind.BLOCK_END
        || current().isOperator(")")
        || (current().kind() == Kind.NAME && ends.contains(current().text()));
  }

  final Expression expression() {
    Expression value = or();
    while (current().isName("if")) {
      take();
      Expression condition = or();
      Expression otherwise = skip(Kind.NAME, "else") ? expression() : null;
      value = new Conditional(condition, value, otherwise);
    }
    return value;
  }

  final Expression or() {
    Expression left = and();
    while (skip(Kind.NAME, "or")) {
      left = new Binary("or", left, and());
    }
    return left;
  }

  private Expression and() {
    Expression left = not();
    while (skip(Kind.NAME, "and")) {
      left = new Binary("and", left, not());
    }
    return left;
  }

  private Expression not() {
    return skip(Kind.NAME, "not") ? new Not(not()) : comparison();
  }

  private Expression comparison() {
    Expression first = sum();
    List<String> operators = new ArrayList<>();
    List<Expression> others = new ArrayList<>();
    while (true) {
      if (current().kind() == Kind.OPERATOR && COMPARISONS.contains(current().text())) {
        operators.add(take().text());
      } else if (skip(Kind.NAME, "in")) {
        operators.add("in");
      } else if (current().isName("not") && ahead().isName("in")) {
        take();
        take();
        operators.add("not in");
      } else {
        break;
      }
      others.add(sum());
    }
    return operators.isEmpty() ? first : new Comparison(first, operators, others);
  }

  private Expression sum() {
    Expression left = concatenation();
    while (current().isOperator("+") || current().isOperator("-")) {
      left = new Binary(take().text(), left, concatenation());
    }
    return left;
  }

  private Expression concatenation() {
    List<Expression> parts = new ArrayList<>(List.of(product()));
    while (skipOperator("~")) {
      parts.add(product());
    }
    return parts.size() == 1 ? parts.get(0) : new Concatenation(parts);
  }

  private Expression product() {
    Expression left = power();
    while (current().isOperator("*")
        || current().isOperator("/")
        || current().isOperator("//")
        || current().isOperator("%")) {
      left = new Binary(take().text(), left, power());
    }
    return left;
  }

  private Expression power() {
    Expression left = unary(true);
    while (skipOperator("**")) {
      left = new Binary("**", left, unary(true));
    }
    return left;
  }

  private Expression unary(boolean filters) {
    Expression value;
    if (skipOperator("-")) {
      value = new Sign(true, unary(false));
    } else if (skipOperator("+")) {
      value = new Sign(false, unary(false));
    } else {
      value = primary();
    }
    value = postfix(value);
    return filters ? filtered(value) : value;
  }

  final Expression primary() {
    Token token = current();
    return switch (token.kind()) {
      case NAME -> name();
      case STRING -> strings();
      case INTEGER -> new Constant(whole(take()));
      case FLOAT -> new Constant(Double.parseDouble(take().text().replace("_", "")));
      case OPERATOR -> bracketed();
      default -> throw error("expected an expression, not " + shown());
    };
  }

  private Expression name() {
    String name = take().text();
    return switch (name) {
      case "true", "True" -> new Constant(true);
      case "false", "False" -> new Constant(false);
      case "none", "None" -> new Constant(null);
      default -> {
        namesSeen.add(name);
        yield new Name(name);
      }
    };
  }

  /** Adjacent string literals are concatenated. */
  private Expression strings() {
    StringBuilder text = new StringBuilder();
    while (current().kind() == Kind.STRING) {
      text.append(take().text());
    }
    return new Constant(text.toString());
  }

  private Expression bracketed() {
    if (skipOperator("(")) {
      Expression inner = tuple(true, Set.of(), true);
      expect(Kind.OPERATOR, ")");
      return inner;
    } else if (skipOperator("[")) {
      return new ListOf(list("]"), false);
    } else if (skipOperator("{")) {
      return map();
    }
    throw error("unexpected '" + current().text() + "'");
  }

  private Object whole(Token token) {
    String digits = token.text().replace("_", "").toLowerCase(Locale.ROOT);
    int radix =
        digits.startsWith("0x")
            ? 16
            : digits.startsWith("0o") ? 8 : digits.startsWith("0b") ? 2 : 10;
    try {
      return new BigInteger(radix == 10 ? digits : digits.substring(2), radix).longValueExact();
    } catch (ArithmeticException e) {
      throw new TemplateException(token.text() + " is beyond 64 bits", token.line());
    }
  }

  private List<Expression> list(String end) {
    List<Expression> elements = new ArrayList<>();
    while (!skipOperator(end)) {
      if (!elements.isEmpty()) {
        expect(Kind.OPERATOR, ",");
        if (skipOperator(end)) {
          break;
        }
      }
      elements.add(expression());
    }
    return elements;
  }

  private Expression map() {
    List<Expression> keys = new ArrayList<>();
    List<Expression> values = new ArrayList<>();
    while (!skipOperator("}")) {
      if (!keys.isEmpty()) {
        expect(Kind.OPERATOR, ",");
        if (skipOperator("}")) {
          break;
        }
      }
      keys.add(expression());
      expect(Kind.OPERATOR, ":");
      values.add(expression());
    }
    return new MapOf(keys, values);
  }

  private Expression postfix(Expression base) {
    Expression value = base;
    while (true) {
      if (skipOperator(".")) {
        Token attribute = take();
        if (attribute.kind() == Kind.NAME) {
          value = new Attribute(value, attribute.text());
        } else if (attribute.kind() == Kind.INTEGER) {
          value = new Item(value, new Constant(whole(attribute)));
        } else {
          throw new TemplateException("expected a name after '.'", attribute.line());
        }
      } else if (skipOperator("[")) {
        value = subscript(value);
      } else if (current().isOperator("(")) {
        value = new Call(value, arguments());
      } else {
        return value;
      }
    }
  }

  private Expression subscript(Expression base) {
    Expression start = current().isOperator(":") ? null : expression();
    if (skipOperator("]")) {
      return new Item(base, start);
    } else if (!current().isOperator(":")) {
      throw error("expected ']', not " + shown());
    }
    take();
    Expression stop = bound();
    Expression step = skipOperator(":") ? bound() : null;
    expect(Kind.OPERATOR, "]");
    return new Slice(base, start, stop, step);
  }

  private Expression bound() {
    return current().isOperator("]") || current().isOperator(":") ? null : expression();
  }

  final Given arguments() {
    expect(Kind.OPERATOR, "(");
    List<Expression> positional = new ArrayList<>();
    Map<String, Expression> named = new LinkedHashMap<>();
    boolean comma = true;
    while (!skipOperator(")")) {
      if (!comma) {
        throw error("expected ',' or ')', not " + shown());
      } else if (current().isOperator("*") || current().isOperator("**")) {
        throw error("arguments out of a list or map (" + current().text() + ") are not supported");
      } else if (current().kind() == Kind.NAME && ahead().isOperator("=")) {
        String name = take().text();
        take();
        if (named.put(name, expression()) != null) {
          throw error("the argument " + name + " is given twice");
        }
      } else if (named.isEmpty()) {
        positional.add(expression());
      } else {
        throw error("an argument without name follows one with a name");
      }
      comma = skipOperator(",");
    }
    return new Given(positional, named);
  }

  private Expression filtered(Expression base) {
    Expression value = base;
    while (true) {
      if (skipOperator("|")) {
        value = filter(value);
      } else if (current().isName("is")) {
        value = test(value);
      } else if (current().isOperator("(")) {
        value = new Call(value, arguments());
      } else {
        return value;
      }
    }
  }

  /** Parses a filter's name and arguments and applies it to {@code value}. */
  final Expression filter(Expression value) {
    String name = dottedName();
    Given given = current().isOperator("(") ? arguments() : new Given(List.of(), Map.of());
    return new Filtered(value, name, given);
  }

  private String dottedName() {
    StringBuilder name = new StringBuilder(expectName());
    while (skipOperator(".")) {
      name.append('.').append(expectName());
    }
    return name.toString();
  }

  private Expression test(Expression value) {
    take();
    boolean negated = skip(Kind.NAME, "not");
    String name = dottedName();
    Given given = new Given(List.of(), Map.of());
    if (current().isOperator("(")) {
      given = arguments();
    } else if (beginsArgument()) {
      if (current().isName("is")) {
        throw error("tests cannot be chained with is");
      }
      given = new Given(List.of(postfix(primary())), Map.of());
    }
    Expression tested = new Tested(value, name, given);
    return negated ? new Not(tested) : tested;
  }

  private boolean beginsArgument() {
    return switch (current().kind()) {
      case NAME -> !Set.of("else", "or", "and").contains(current().text());
      case STRING, INTEGER, FLOAT -> true;
      case OPERATOR -> Set.of("(", "[", "{").contains(current().text());
      default -> false;
    };
  }
}
