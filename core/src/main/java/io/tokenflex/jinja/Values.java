package io.tokenflex.jinja;

import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Java representation of template values: {@code null} is None; Boolean, Long, Double, String, List
 * and Map represent themselves; other types are defined here.
 */
final class Values {
  private Values() {}

  /** Value of a missing variable or attribute. */
  record Undefined(String name) {
    TemplateException refuse() {
      return new TemplateException(name + " is undefined");
    }
  }

  /** An immutable list, printed with parentheses. */
  static class Tuple extends AbstractList<Object> {
    private final List<Object> elements;

    Tuple(List<?> elements) {
      this.elements = new ArrayList<>(elements);
    }

    static Tuple of(Object... elements) {
      return new Tuple(java.util.Arrays.asList(elements));
    }

    @Override
    public Object get(int index) {
      return elements.get(index);
    }

    @Override
    public int size() {
      return elements.size();
    }
  }

  /** An element of groupby's result: a tuple with named parts. */
  static final class Group extends Tuple {
    Group(Object grouper, List<Object> elements) {
      super(java.util.Arrays.asList(grouper, elements));
    }
  }

  /** An iterator that can be consumed once: the result of map, select, reverse and others. */
  static final class Once {
    private final Iterator<?> left;

    Once(List<?> elements) {
      this.left = elements.iterator();
    }

    List<Object> drain() {
      List<Object> rest = new ArrayList<>();
      left.forEachRemaining(rest::add);
      return rest;
    }

    boolean isEmpty() {
      return !left.hasNext();
    }

    Object next() {
      return left.next();
    }
  }

  /** An iterable with a length that is not a list: keys, values and items of a map, ranges. */
  record View(String kind, List<Object> elements) {}

  /** A {@code namespace(...)}, whose attributes a template may set. */
  record Namespace(Map<String, Object> attributes) {
    Namespace() {
      this(new LinkedHashMap<>());
    }
  }

  /** Text marked safe from escaping; it can only be printed and tested. */
  record Safe(String text) {}

  /** A value that a template can call. */
  @FunctionalInterface
  interface Callable {
    Object call(Arguments arguments);
  }

  /** An object with attributes: a loop, a cycler, a macro. */
  interface Thing {
    /** An attribute; {@link Undefined} if it does not exist. */
    Object attribute(String name);
  }

  static String kindOf(Object value) {
    if (value == null) {
      return "None";
    } else if (value instanceof Undefined undefined) {
      return undefined.name() + ", which is undefined";
    } else if (value instanceof String) {
      return "a string";
    } else if (value instanceof Tuple) {
      return "a tuple";
    } else if (value instanceof List<?>) {
      return "a list";
    } else if (value instanceof Map<?, ?>) {
      return "a map";
    } else if (value instanceof Boolean truth) {
      return truth ? "True" : "False";
    } else if (value instanceof Number) {
      return "the number " + PythonText.str(value);
    } else if (value instanceof Once) {
      return "a generator";
    } else if (value instanceof View view) {
      return "a " + view.kind();
    } else if (value instanceof Safe) {
      return "a string marked as safe";
    }
    return value instanceof Namespace ? "a namespace" : "a function";
  }

  static boolean isTrue(Object value) {
    if (value == null || value instanceof Undefined) {
      return false;
    } else if (value instanceof Boolean truth) {
      return truth;
    } else if (value instanceof Number number) {
      return number.doubleValue() != 0;
    } else if (value instanceof String text) {
      return !text.isEmpty();
    } else if (value instanceof Safe safe) {
      return !safe.text().isEmpty();
    } else if (value instanceof List<?> list) {
      return !list.isEmpty();
    } else if (value instanceof View view) {
      return !view.elements().isEmpty();
    }
    return !(value instanceof Map<?, ?> map) || !map.isEmpty();
  }

  /** The elements over which a for loop iterates. */
  static List<Object> elements(Object value) {
    if (value instanceof Undefined) {
      return List.of();
    } else if (value instanceof String text) {
      return PythonStrings.characters(text);
    } else if (value instanceof List<?> list) {
      return new ArrayList<>(list);
    } else if (value instanceof Map<?, ?> map) {
      return new ArrayList<>(map.keySet());
    } else if (value instanceof View view) {
      return view.elements();
    } else if (value instanceof Once once) {
      return once.drain();
    }
    throw new TemplateException("no loop over " + kindOf(value));
  }

  static long length(Object value) {
    if (value instanceof String text) {
      return text.codePointCount(0, text.length());
    } else if (value instanceof Once || value == null || !isSized(value)) {
      throw new TemplateException("no length of " + kindOf(value));
    }
    return value instanceof Map<?, ?> map ? map.size() : elements(value).size();
  }

  static boolean isSized(Object value) {
    return value instanceof String
        || value instanceof List<?>
        || value instanceof Map<?, ?>
        || value instanceof View
        || value instanceof Undefined;
  }

  static View items(Map<?, ?> map) {
    List<Object> items = new ArrayList<>();
    map.forEach((key, value) -> items.add(Tuple.of(key, value)));
    return new View("dict_items", items);
  }
}
