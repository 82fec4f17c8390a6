package io.tokenflex.python;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Lists that stand in cells of tables as Python code: {@code ['a', "b", 3]}. They are parsed, never
 * run; what is no literal is no list.
 *
 * <p>Values are {@link String}, {@link BigInteger}, {@link Double}, {@link Boolean}, {@code null}
 * for {@code None}, {@link PythonTuple} and {@link List}.
 */
public final class PythonLiteral {
  private PythonLiteral() {}

  /** A tuple, so that it can be told from a list. */
  public record PythonTuple(List<Object> values) {
    public PythonTuple {
      values = Collections.unmodifiableList(new ArrayList<>(values));
    }
  }

  /** The values of a list literal; empty if the text is anything else. */
  public static Optional<List<?>> parseList(String text) {
    Optional<Object> value = parse(text);
    return value.isPresent() && value.get() instanceof List<?> list
        ? Optional.of(list)
        : Optional.empty();
  }

  /** The values of a list or tuple literal; empty if the text is anything else. */
  public static Optional<List<?>> parseSequence(String text) {
    Optional<Object> value = parse(text);
    if (value.isPresent() && value.get() instanceof PythonTuple tuple) {
      return Optional.of(tuple.values());
    }
    return parseList(text);
  }

  /** The text of a string literal; empty if the text is anything else. */
  public static Optional<String> parseString(String text) {
    return parse(text).filter(String.class::isInstance).map(String.class::cast);
  }

  /** The values of a list literal as {@code str()} shows them; empty if it is no list. */
  public static Optional<List<String>> parseTexts(String text) {
    return parseList(text).map(values -> values.stream().map(PythonLiteral::text).toList());
  }

  /** {@code str(value)}. */
  public static String text(Object value) {
    return value instanceof String string ? string : repr(value);
  }

  private static String repr(Object value) {
    if (value == null) {
      return "None";
    }
    if (value instanceof Boolean flag) {
      return flag ? "True" : "False";
    }
    if (value instanceof Double number) {
      return PythonNumbers.text(number);
    }
    if (value instanceof String string) {
      return quoted(string);
    }
    if (value instanceof PythonTuple tuple) {
      String inside = joined(tuple.values());
      return tuple.values().size() == 1 ? "(" + inside + ",)" : "(" + inside + ")";
    }
    return value instanceof List<?> list ? "[" + joined(list) + "]" : value.toString();
  }

  private static String joined(List<?> values) {
    return values.stream().map(PythonLiteral::repr).collect(Collectors.joining(", "));
  }

  private static String quoted(String text) {
    char quote = text.contains("'") && !text.contains("\"") ? '"' : '\'';
    String escaped =
        text.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t");
    return quote + (quote == '\'' ? escaped.replace("'", "\\'") : escaped) + quote;
  }

  private static Optional<Object> parse(String text) {
    try {
      return Optional.ofNullable(new LiteralParser(text).parseAll());
    } catch (LiteralParser.NoLiteralException e) {
      return Optional.empty();
    }
  }
}
