package io.tokenflex.jinja;

import com.hubspot.jinjava.interpret.JinjavaInterpreter;
import com.hubspot.jinjava.lib.filter.Filter;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Filters that Jinjava lacks, or that differ from Jinja2's on text beyond ASCII. */
final class PythonFilters {
  /** Jinjava's own that a template may use: none of them makes much out of little. */
  static final Set<String> ALLOWED =
      Set.of(
          "abs",
          "d",
          "default",
          "dictsort",
          "first",
          "float",
          "int",
          "join",
          "last",
          "list",
          "map",
          "reject",
          "rejectattr",
          "reverse",
          "safe",
          "select",
          "selectattr",
          "sort",
          "string",
          "sum",
          "unique");

  private PythonFilters() {}

  static List<Filter> all() {
    return List.of(
        new ValueFilter("trim", (value, arguments) -> PythonStrings.strip(text(value))),
        new ValueFilter("upper", (value, arguments) -> text(value).toUpperCase(Locale.ROOT)),
        new ValueFilter("lower", (value, arguments) -> text(value).toLowerCase(Locale.ROOT)),
        new ValueFilter("title", (value, arguments) -> PythonStrings.title(text(value))),
        new ValueFilter("capitalize", (value, arguments) -> PythonStrings.capitalize(text(value))),
        new ValueFilter(
            "replace",
            (value, arguments) ->
                PythonStrings.replace(text(value), text(arguments.at(0)), text(arguments.at(1)))),
        new ValueFilter("length", (value, arguments) -> length(value)),
        new ValueFilter("count", (value, arguments) -> length(value)),
        new ValueFilter("items", (value, arguments) -> items(value)),
        new ValueFilter(
            "tojson",
            (value, arguments) ->
                arguments.named("indent") instanceof Number indent
                    ? PythonJson.write(value, indent.intValue())
                    : PythonJson.write(value)));
  }

  private static String text(Object value) {
    if (value == null) {
      throw new UnsupportedOperationException("a filter of text got an undefined value");
    }
    return value.toString();
  }

  private static long length(Object value) {
    if (value instanceof Collection<?> collection) {
      return collection.size();
    }
    if (value instanceof Map<?, ?> map) {
      return map.size();
    }
    String text = text(value);
    return text.codePointCount(0, text.length());
  }

  private static List<Object> items(Object value) {
    if (value == null) {
      return List.of();
    }
    if (value instanceof Map<?, ?> map) {
      return PythonResolver.items(map);
    }
    throw new UnsupportedOperationException("no items of " + PythonValues.kindOf(value));
  }

  private record Arguments(List<?> positional, Map<String, Object> keywords) {
    Object at(int index) {
      return index < positional.size() ? positional.get(index) : null;
    }

    Object named(String name) {
      return keywords.get(name);
    }
  }

  @FunctionalInterface
  private interface Function {
    Object apply(Object value, Arguments arguments);
  }

  private record ValueFilter(String name, Function function) implements Filter {
    @Override
    public String getName() {
      return name;
    }

    @Override
    public Object filter(
        Object value,
        JinjavaInterpreter interpreter,
        Object[] arguments,
        Map<String, Object> keywords) {
      return function.apply(value, new Arguments(Arrays.asList(arguments), keywords));
    }

    @Override
    public Object filter(Object value, JinjavaInterpreter interpreter, String... arguments) {
      return function.apply(value, new Arguments(Arrays.asList(arguments), Map.of()));
    }
  }
}
