package io.tokenflex.jinja;

import io.tokenflex.jinja.Values.Callable;
import io.tokenflex.jinja.Values.Group;
import io.tokenflex.jinja.Values.Namespace;
import io.tokenflex.jinja.Values.Thing;
import io.tokenflex.jinja.Values.Tuple;
import io.tokenflex.jinja.Values.Undefined;
import io.tokenflex.jinja.Values.View;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Attribute and item access of template values: map entries, list elements, characters of strings,
 * and a fixed list of methods. No reflection.
 */
final class Members {
  private static final Set<String> MAP_METHODS =
      Set.of(
          "clear",
          "copy",
          "fromkeys",
          "get",
          "items",
          "keys",
          "pop",
          "popitem",
          "setdefault",
          "update",
          "values");
  private static final Set<String> LIST_METHODS =
      Set.of(
          "append", "clear", "copy", "count", "extend", "index", "insert", "pop", "remove",
          "reverse", "sort");
  private static final Set<String> NUMBER_ATTRIBUTES =
      Set.of(
          "as_integer_ratio",
          "bit_count",
          "bit_length",
          "conjugate",
          "denominator",
          "from_bytes",
          "fromhex",
          "hex",
          "imag",
          "is_integer",
          "numerator",
          "real",
          "to_bytes");

  private Members() {}

  /** {@code base.name}: methods take precedence over entries. */
  static Object attribute(Object base, String name) {
    if (name.startsWith("_")) {
      throw new TemplateException("the attribute " + name + ", which is Python's own");
    }
    Object method = method(base, name);
    if (method != null) {
      return method;
    }
    return base instanceof Map<?, ?> map && map.containsKey(name)
        ? map.get(name)
        : new Undefined(name);
  }

  /** {@code base[index]}: entries take precedence over methods. */
  static Object item(Object base, Object index) {
    if (base instanceof Undefined undefined) {
      throw undefined.refuse();
    }
    if (base instanceof Map<?, ?> map) {
      if (index instanceof Double || index instanceof Boolean) {
        throw new TemplateException("an entry of a map by " + Values.kindOf(index));
      }
      if (map.containsKey(index)) {
        return map.get(index);
      }
    }
    if (PythonNumbers.isWhole(index)) {
      List<?> elements = null;
      if (base instanceof String text) {
        elements = PythonStrings.characters(text);
      } else if (base instanceof List<?> list) {
        elements = list;
      } else if (base instanceof View view && view.kind().equals("range")) {
        elements = view.elements();
      }
      long at = PythonNumbers.whole(index);
      if (elements != null) {
        at += at < 0 ? elements.size() : 0;
        return at >= 0 && at < elements.size()
            ? elements.get((int) at)
            : new Undefined("element " + PythonText.str(index));
      }
    }
    return index instanceof String name ? attribute(base, name) : new Undefined("an element");
  }

  private static Object method(Object base, String name) {
    if (base instanceof Undefined undefined) {
      throw undefined.refuse();
    } else if (base instanceof Thing thing) {
      return thing.attribute(name);
    } else if (base instanceof Namespace namespace) {
      return namespace.attributes().containsKey(name)
          ? namespace.attributes().get(name)
          : new Undefined(name);
    } else if (base instanceof String text) {
      return PythonStrings.METHODS.contains(name)
          ? (Callable) arguments -> PythonStrings.call(text, name, arguments)
          : null;
    } else if (base instanceof Group group && (name.equals("grouper") || name.equals("list"))) {
      return group.get(name.equals("grouper") ? 0 : 1);
    } else if (base instanceof Map<?, ?> map) {
      return MAP_METHODS.contains(name)
          ? (Callable) arguments -> ofMap(map, name, arguments)
          : null;
    } else if (base instanceof List<?> list) {
      return LIST_METHODS.contains(name)
          ? (Callable) arguments -> ofList(list, name, arguments)
          : null;
    } else if (PythonNumbers.isNumber(base) && !NUMBER_ATTRIBUTES.contains(name)) {
      return null;
    } else if (base == null) {
      return null;
    }
    throw new TemplateException("the attribute " + name + " of " + Values.kindOf(base));
  }

  private static Object ofMap(Map<?, ?> map, String method, Arguments given) {
    return switch (method) {
      case "items" -> {
        given.bind(method);
        yield Values.items(map);
      }
      case "keys" -> {
        given.bind(method);
        yield new View("dict_keys", new ArrayList<>(map.keySet()));
      }
      case "values" -> {
        given.bind(method);
        yield new View("dict_values", new ArrayList<>(map.values()));
      }
      case "copy" -> {
        given.bind(method);
        yield new LinkedHashMap<>(map);
      }
      case "get" -> {
        if (!given.named().isEmpty()) {
          throw new TemplateException("get takes no named arguments");
        }
        Arguments.Bound bound = given.bind(method, "key", "default?");
        Object key = PythonCompare.key(bound.get("key", null));
        yield map.containsKey(key) ? map.get(key) : bound.get("default", null);
      }
      default -> throw new TemplateException("maps have no method " + method + " here");
    };
  }

  private static Object ofList(List<?> list, String method, Arguments given) {
    return switch (method) {
      case "count" -> {
        Object wanted = given.bind(method, "value").get("value", null);
        yield list.stream().filter(element -> PythonCompare.areEqual(element, wanted)).count();
      }
      case "index" -> {
        Object wanted = given.bind(method, "value").get("value", null);
        for (int i = 0; i < list.size(); i++) {
          if (PythonCompare.areEqual(list.get(i), wanted)) {
            yield (long) i;
          }
        }
        throw new TemplateException("a list does not hold " + PythonText.repr(wanted));
      }
      default -> throw new TemplateException("lists have no method " + method + " here");
    };
  }

  static Object slice(Object base, Long start, Long stop, Long step) {
    if (base instanceof Undefined undefined) {
      throw undefined.refuse();
    } else if (base instanceof String text) {
      StringBuilder result = new StringBuilder();
      slice(PythonStrings.characters(text), start, stop, step).forEach(result::append);
      return result.toString();
    } else if (base instanceof List<?> list) {
      List<Object> part = slice(list, start, stop, step);
      return list instanceof Tuple ? new Tuple(part) : part;
    }
    throw new TemplateException("no slice of " + Values.kindOf(base));
  }

  private static List<Object> slice(List<?> list, Long start, Long stop, Long stepOrNull) {
    long step = stepOrNull == null ? 1 : stepOrNull;
    if (step == 0) {
      throw new TemplateException("a slice's step cannot be 0");
    }
    long size = list.size();
    // Bounds of indices; with a negative step, -1 is the position before the first element.
    long lowest = step > 0 ? 0 : -1;
    long highest = step > 0 ? size : size - 1;
    long from = start == null ? (step > 0 ? lowest : highest) : clamp(start, size, lowest, highest);
    long to = stop == null ? (step > 0 ? highest : lowest) : clamp(stop, size, lowest, highest);
    List<Object> result = new ArrayList<>();
    for (long i = from; step > 0 ? i < to : i > to; i += step) {
      result.add(list.get((int) i));
    }
    return result;
  }

  private static long clamp(long index, long size, long lowest, long highest) {
    long fromStart = index < 0 ? index + size : index;
    return Math.max(lowest, Math.min(highest, fromStart));
  }
}
