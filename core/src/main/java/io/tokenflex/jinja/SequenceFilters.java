package io.tokenflex.jinja;

import io.tokenflex.jinja.Values.Once;
import io.tokenflex.jinja.Values.Tuple;
import io.tokenflex.jinja.Values.Undefined;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Predicate;

/** Jinja2's filters of sequences. */
final class SequenceFilters {
  private SequenceFilters() {}

  static Object apply(String name, Object value, Arguments given, Frame frame) {
    return switch (name) {
      case "join" -> join(value, given.bind(name, "d?", "attribute?"));
      case "sum" -> sum(value, given.bind(name, "attribute?", "start?"));
      case "map" -> new Once(map(value, given, frame));
      case "select", "reject" -> new Once(selected(value, given, name.equals("select")));
      case "selectattr", "rejectattr" ->
          new Once(selectedByAttribute(value, given, name.equals("selectattr")));
      case "sort" -> sorted(value, given.bind(name, "reverse?", "case_sensitive?", "attribute?"));
      case "dictsort" -> dictSorted(value, given.bind(name, "case_sensitive?", "by?", "reverse?"));
      case "unique" -> new Once(unique(value, given.bind(name, "case_sensitive?", "attribute?")));
      case "min", "max" ->
          extreme(value, given.bind(name, "case_sensitive?", "attribute?"), name.equals("max"));
      case "groupby" ->
          grouped(value, given.bind(name, "attribute", "default?", "case_sensitive?"));
      case "batch" -> new Once(batches(value, given.bind(name, "linecount", "fill_with?")));
      default -> throw new TemplateException("no filter " + name);
    };
  }

  private static String join(Object value, Arguments.Bound bound) {
    Function<Object, Object> part = getter(bound, o -> o);
    List<Object> words = new ArrayList<>();
    for (Object element : Values.elements(value)) {
      words.add(PythonText.str(part.apply(element)));
    }
    return PythonStrings.join(PythonText.str(bound.get("d", "")), words);
  }

  private static Object sum(Object value, Arguments.Bound bound) {
    Object sum = bound.get("start", 0L);
    if (sum instanceof String) {
      throw new TemplateException("a sum of strings; use join");
    }
    Function<Object, Object> part = getter(bound, o -> o);
    for (Object element : Values.elements(value)) {
      sum = PythonNumbers.operate("+", sum, part.apply(element));
    }
    return sum;
  }

  private static List<Object> map(Object value, Arguments given, Frame frame) {
    List<Object> mapped = new ArrayList<>();
    List<Object> elements = Values.elements(value);
    if (given.size() == 0 && given.named().containsKey("attribute")) {
      Function<Object, Object> part = getter(given.bind("map", "attribute?", "default?"), o -> o);
      elements.forEach(element -> mapped.add(part.apply(element)));
      return mapped;
    } else if (given.size() == 0 || !(given.at(0) instanceof String filter)) {
      throw new TemplateException("map needs the name of a filter or an attribute");
    } else {
      for (Object element : elements) {
        frame.run().step();
        mapped.add(Filters.apply(filter, element, given.from(1), frame));
      }
      return mapped;
    }
  }

  private static List<Object> selected(Object value, Arguments given, boolean wanted) {
    Predicate<Object> test = test(given);
    return Values.elements(value).stream().filter(e -> test.test(e) == wanted).toList();
  }

  private static List<Object> selectedByAttribute(Object value, Arguments given, boolean wanted) {
    if (given.size() == 0) {
      throw new TemplateException("selectattr and rejectattr need the name of an attribute");
    }
    Function<Object, Object> part = attribute(given.at(0));
    Predicate<Object> test = test(given.from(1));
    return Values.elements(value).stream().filter(e -> test.test(part.apply(e)) == wanted).toList();
  }

  private static Predicate<Object> test(Arguments given) {
    if (given.size() == 0) {
      return Values::isTrue;
    } else if (given.at(0) instanceof String test) {
      return element -> Tests.passes(test, element, given.from(1));
    }
    throw new TemplateException("a test is named by a string");
  }

  private static List<Object> sorted(Object value, Arguments.Bound bound) {
    List<Object> sorted = new ArrayList<>(Values.elements(value));
    List<Function<Object, Object>> keys = new ArrayList<>();
    boolean sensitive = bound.truth("case_sensitive", false);
    if (bound.get("attribute", null) instanceof String attributes) {
      for (String one : attributes.split(",", -1)) {
        Function<Object, Object> part = attribute(one);
        keys.add(element -> key(part.apply(element), sensitive));
      }
    } else {
      Function<Object, Object> part = getter(bound, o -> o);
      keys.add(element -> key(part.apply(element), sensitive));
    }
    Comparator<Object> order = Comparator.comparing(keys.get(0), SequenceFilters::orderInLists);
    for (Function<Object, Object> key : keys.subList(1, keys.size())) {
      order = order.thenComparing(key, SequenceFilters::orderInLists);
    }
    sorted.sort(bound.truth("reverse", false) ? order.reversed() : order);
    return sorted;
  }

  /** Python compares sort keys as lists, which skip equal elements even if these have no order. */
  private static int orderInLists(Object a, Object b) {
    return PythonCompare.areEqual(a, b) ? 0 : PythonCompare.order(a, b);
  }

  private static Object key(Object value, boolean sensitive) {
    return value instanceof String text && !sensitive ? text.toLowerCase(Locale.ROOT) : value;
  }

  private static List<Object> dictSorted(Object value, Arguments.Bound bound) {
    if (!(value instanceof Map<?, ?> map)) {
      throw new TemplateException("dictsort of " + Values.kindOf(value));
    }
    String by = bound.text("by", "key");
    if (!by.equals("key") && !by.equals("value")) {
      throw new TemplateException("dictsort sorts by 'key' or 'value', not by " + by);
    }
    int part = by.equals("key") ? 0 : 1;
    boolean sensitive = bound.truth("case_sensitive", false);
    List<Object> items = new ArrayList<>(Values.items(map).elements());
    Comparator<Object> order =
        Comparator.comparing(
            item -> key(((Tuple) item).get(part), sensitive), PythonCompare::order);
    items.sort(bound.truth("reverse", false) ? order.reversed() : order);
    return items;
  }

  private static List<Object> unique(Object value, Arguments.Bound bound) {
    boolean sensitive = bound.truth("case_sensitive", false);
    Function<Object, Object> part = getter(bound, o -> o);
    List<Object> seen = new ArrayList<>();
    List<Object> unique = new ArrayList<>();
    for (Object element : Values.elements(value)) {
      Object key = key(part.apply(element), sensitive);
      if (key instanceof Map<?, ?> || (key instanceof List<?> && !(key instanceof Tuple))) {
        throw new TemplateException("unique of " + Values.kindOf(key));
      }
      if (seen.stream().noneMatch(other -> PythonCompare.areEqual(other, key))) {
        seen.add(key);
        unique.add(element);
      }
    }
    return unique;
  }

  private static Object extreme(Object value, Arguments.Bound bound, boolean largest) {
    boolean sensitive = bound.truth("case_sensitive", false);
    Function<Object, Object> part = getter(bound, o -> o);
    List<Object> elements = Values.elements(value);
    if (elements.isEmpty()) {
      return new Undefined("the least or greatest of nothing");
    }
    Object found = elements.get(0);
    for (Object element : elements.subList(1, elements.size())) {
      int order =
          PythonCompare.order(
              key(part.apply(element), sensitive), key(part.apply(found), sensitive));
      if (largest ? order > 0 : order < 0) {
        found = element;
      }
    }
    return found;
  }

  private static List<Object> grouped(Object value, Arguments.Bound bound) {
    boolean sensitive = bound.truth("case_sensitive", false);
    Function<Object, Object> part = getter(bound, o -> o);
    Function<Object, Object> key = element -> key(part.apply(element), sensitive);
    List<Object> sorted = new ArrayList<>(Values.elements(value));
    sorted.sort(Comparator.comparing(key, PythonCompare::order));
    List<Object> groups = new ArrayList<>();
    List<Object> group = new ArrayList<>();
    for (int i = 0; i < sorted.size(); i++) {
      group.add(sorted.get(i));
      boolean ends =
          i == sorted.size() - 1
              || !PythonCompare.areEqual(key.apply(sorted.get(i)), key.apply(sorted.get(i + 1)));
      if (ends) {
        groups.add(new Values.Group(part.apply(group.get(0)), group));
        group = new ArrayList<>();
      }
    }
    return groups;
  }

  private static List<Object> batches(Object value, Arguments.Bound bound) {
    long size = bound.whole("linecount", 1);
    if (size < 1) {
      throw new TemplateException("batches of " + size);
    }
    Object fill = bound.get("fill_with", null);
    List<Object> batches = new ArrayList<>();
    List<Object> elements = Values.elements(value);
    for (int from = 0; from < elements.size(); from += (int) Math.min(size, Limits.COLLECTION)) {
      int to = (int) Math.min(elements.size(), from + size);
      List<Object> batch = new ArrayList<>(elements.subList(from, to));
      Limits.checkElements(fill == null ? 0 : size);
      if (fill != null) {
        batch.addAll(Collections.nCopies((int) size - batch.size(), fill));
      }
      batches.add(batch);
    }
    return batches;
  }

  /** Reads the argument {@code attribute} of an element; without it, the element itself. */
  private static Function<Object, Object> getter(
      Arguments.Bound bound, Function<Object, Object> whole) {
    Object name = bound.get("attribute", null);
    if (name == null) {
      return whole;
    }
    Function<Object, Object> part = attribute(name);
    Object otherwise = bound.get("default", null);
    return element -> {
      Object value = part.apply(element);
      return otherwise != null && value instanceof Undefined ? otherwise : value;
    };
  }

  /** A path of entries, such as {@code name.other.0}. */
  private static Function<Object, Object> attribute(Object name) {
    if (PythonNumbers.isWhole(name)) {
      return element -> Members.item(element, name);
    } else if (!(name instanceof String path)) {
      throw new TemplateException("an attribute is named by a string, not " + Values.kindOf(name));
    } else {
      return element -> {
        Object value = element;
        for (String part : path.split("\\.", -1)) {
          Object key = part.matches("[0-9]{1,9}") ? (Object) Long.valueOf(part) : part;
          value = Members.item(value, key);
        }
        return value;
      };
    }
  }
}
