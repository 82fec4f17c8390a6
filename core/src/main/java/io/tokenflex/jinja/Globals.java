package io.tokenflex.jinja;

import io.tokenflex.jinja.Values.Callable;
import io.tokenflex.jinja.Values.Namespace;
import io.tokenflex.jinja.Values.Thing;
import io.tokenflex.jinja.Values.Undefined;
import io.tokenflex.jinja.Values.View;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Global functions that Jinja2 and transformers offer to chat templates. */
final class Globals {
  private static final Map<Character, String> DATE_FIELDS =
      Map.ofEntries(
          Map.entry('a', "EEE"),
          Map.entry('A', "EEEE"),
          Map.entry('b', "MMM"),
          Map.entry('B', "MMMM"),
          Map.entry('d', "dd"),
          Map.entry('H', "HH"),
          Map.entry('I', "hh"),
          Map.entry('j', "DDD"),
          Map.entry('m', "MM"),
          Map.entry('M', "mm"),
          Map.entry('p', "a"),
          Map.entry('S', "ss"),
          Map.entry('y', "yy"),
          Map.entry('Y', "yyyy"));

  private Globals() {}

  static void addTo(Frame frame) {
    add(frame, "range", Globals::range);
    add(frame, "namespace", Globals::namespace);
    add(frame, "dict", arguments -> new LinkedHashMap<>(namespace(arguments).attributes()));
    add(frame, "cycler", arguments -> new Cycler(arguments.positional()));
    add(frame, "joiner", Globals::joiner);
    add(
        frame,
        "lipsum",
        arguments -> {
          throw new TemplateException("the function lipsum is not supported");
        });
    add(
        frame,
        "raise_exception",
        arguments -> {
          Object message = arguments.bind("raise_exception", "message").get("message", null);
          throw TemplateException.raised(PythonText.str(message));
        });
    add(
        frame,
        "strftime_now",
        arguments ->
            strftime(
                arguments.bind("strftime_now", "format").text("format", ""), frame.run().now()));
  }

  private static void add(Frame frame, String name, Callable function) {
    frame.set(name, function);
  }

  private static View range(Arguments given) {
    for (Object bound : given.positional()) {
      if (!PythonNumbers.isWhole(bound)) {
        throw new TemplateException("a range of " + Values.kindOf(bound));
      }
    }
    int count = given.size();
    if (count < 1 || count > 3 || !given.named().isEmpty()) {
      throw new TemplateException("range takes one to three numbers");
    }
    long start = count > 1 ? PythonNumbers.whole(given.at(0)) : 0;
    long stop = PythonNumbers.whole(given.at(count > 1 ? 1 : 0));
    long step = count > 2 ? PythonNumbers.whole(given.at(2)) : 1;
    if (step == 0) {
      throw new TemplateException("a range's step cannot be 0");
    }
    List<Object> numbers = new ArrayList<>();
    for (long n = start; step > 0 ? n < stop : n > stop; n = Math.addExact(n, step)) {
      numbers.add(n);
      Limits.checkElements(numbers.size());
    }
    return new View("range", numbers);
  }

  private static Namespace namespace(Arguments given) {
    Namespace namespace = new Namespace();
    for (Object source : given.positional()) {
      if (!(source instanceof Map<?, ?> map)) {
        throw new TemplateException("a map out of " + Values.kindOf(source));
      }
      map.forEach((key, value) -> namespace.attributes().put(PythonText.str(key), value));
    }
    namespace.attributes().putAll(given.named());
    return namespace;
  }

  private static Callable joiner(Arguments given) {
    String separator = given.bind("joiner", "sep?").text("sep", ", ");
    boolean[] used = {false};
    return arguments -> {
      boolean first = !used[0];
      used[0] = true;
      return first ? "" : separator;
    };
  }

  /** The object created by {@code cycler(...)}. */
  private static final class Cycler implements Thing {
    private final List<Object> items;
    private int at;

    Cycler(List<Object> items) {
      if (items.isEmpty()) {
        throw new TemplateException("a cycler of nothing");
      }
      this.items = items;
    }

    @Override
    public Object attribute(String name) {
      return switch (name) {
        case "current" -> items.get(at);
        case "next" -> (Callable) arguments -> next();
        case "reset" ->
            (Callable)
                arguments -> {
                  at = 0;
                  return null;
                };
        default -> new Undefined("cycler." + name);
      };
    }

    private Object next() {
      Object item = items.get(at);
      at = (at + 1) % items.size();
      return item;
    }
  }

  private static String strftime(String format, ZonedDateTime now) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < format.length(); i++) {
      char c = format.charAt(i);
      if (c != '%' || i + 1 == format.length()) {
        text.append(c);
        continue;
      }
      char field = format.charAt(++i);
      String pattern = DATE_FIELDS.get(field);
      if (field == '%') {
        text.append('%');
      } else if (pattern == null) {
        throw new TemplateException("strftime_now has no field %" + field);
      } else {
        text.append(DateTimeFormatter.ofPattern(pattern, Locale.ENGLISH).format(now));
      }
    }
    return text.toString();
  }
}
