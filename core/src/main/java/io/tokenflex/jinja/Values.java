package io.tokenflex.jinja;

import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a template's values are in Java: {@code null} is None; Boolean, Long, Double, String, List
 * and Map are what they are called; the rest is here.
 */
final class Values {
  private Values() {}

  /** What a name or an attribute has that is not there. */
  record Undefined(String name) {
    TemplateException refuse() {
      return new TemplateException(name + " is undefined");
    }
  }

  /** A list that cannot change and is written with parentheses. */
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

  /** What groupby makes: a tuple whose parts have names. */
  static final class Group extends Tuple {
    Group(Object grouper, List<Object> elements) {
      super(java.util.Arrays.asList(grouper, elements));
    }
  }

  /** What can be walked once: what map, select, reverse and others return. */
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

  /** What can be walked and counted, but is no list: keys, values and items of a map, ranges. */
  record View(String kind, List<Object> elements) {}

  /** The map behind {@code namespace(...)}, whose entries a template may set. */
  record Namespace(Map<String, Object> attributes) {
    Namespace() {
      this(new LinkedHashMap<>());
    }
  }

  /** Text that needs no escape; it can be written and tested, and nothing else. */
  record Safe(String text) {}

  /** What a template can call. */
  @FunctionalInterface
  interface Callable {
    Object call(Arguments arguments);
  }

  /** A thing with attributes: a loop, a cycler, a macro. */
  interface Thing {
    /** Its attribute, an {@link Undefined} if it has none of that name. */
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

  /** What a loop over a value walks. */
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
