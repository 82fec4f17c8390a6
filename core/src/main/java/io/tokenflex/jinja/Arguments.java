package io.tokenflex.jinja;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Arguments of a call of a function, filter, test or macro. */
record Arguments(List<Object> positional, Map<String, Object> named) {
  static final Arguments NONE = new Arguments(List.of(), Map.of());

  static Arguments of(Object... positional) {
    return new Arguments(java.util.Arrays.asList(positional), Map.of());
  }

  int size() {
    return positional.size();
  }

  Object at(int index) {
    return positional.get(index);
  }

  /**
   * Binds the arguments to a function's parameters.
   *
   * @param parameters names in order; optional ones end with {@code ?}
   * @throws TemplateException naming a surplus or missing argument
   */
  Bound bind(String function, String... parameters) {
    Map<String, Object> bound = new LinkedHashMap<>();
    if (positional.size() > parameters.length) {
      throw new TemplateException(
          function + " takes " + parameters.length + " arguments, not " + positional.size());
    }
    List<String> names = new ArrayList<>();
    for (int i = 0; i < parameters.length; i++) {
      String name = parameters[i].replace("?", "");
      names.add(name);
      if (i < positional.size()) {
        bound.put(name, positional.get(i));
      }
      if (named.containsKey(name)) {
        if (i < positional.size()) {
          throw new TemplateException(function + " is given " + name + " twice");
        }
        bound.put(name, named.get(name));
      }
      if (!bound.containsKey(name) && !parameters[i].endsWith("?")) {
        throw new TemplateException(function + " lacks the argument " + name);
      }
    }
    for (String name : named.keySet()) {
      if (!names.contains(name)) {
        throw new TemplateException(function + " has no argument " + name);
      }
    }
    return new Bound(function, bound);
  }

  /** The arguments without the first {@code from} positional ones. */
  Arguments from(int first) {
    return new Arguments(
        positional.subList(Math.min(first, positional.size()), positional.size()), named);
  }

  /** Arguments by parameter name. */
  record Bound(String function, Map<String, Object> values) {
    boolean has(String name) {
      return values.containsKey(name);
    }

    Object get(String name, Object missing) {
      return values.getOrDefault(name, missing);
    }

    String text(String name, String missing) {
      Object value = get(name, missing);
      if (value == null && missing == null) {
        return null;
      } else if (value instanceof String text) {
        return text;
      }
      throw new TemplateException(
          function + " needs a string as " + name + ", not " + Values.kindOf(value));
    }

    long whole(String name, long missing) {
      Object value = get(name, missing);
      if (value instanceof Long || value instanceof Boolean) {
        return PythonNumbers.whole(value);
      }
      throw new TemplateException(
          function + " needs a whole number as " + name + ", not " + Values.kindOf(value));
    }

    boolean truth(String name, boolean missing) {
      return Values.isTrue(get(name, missing));
    }
  }
}
