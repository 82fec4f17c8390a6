package io.tokenflex.jinja;

import static java.util.Objects.requireNonNull;

import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.jinja.Values.Tuple;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A Jinja template, rendered as transformers renders chat templates ({@code trim_blocks}, {@code
 * lstrip_blocks}, loop controls, {@code raise_exception}, {@code strftime_now}, here in UTC, {@code
 * tojson} without HTML escapes, {@code generation} blocks). Thread-safe.
 *
 * <p>What is written is what Python writes; where that is not known it is refused. Templates come
 * from the internet, so they may do little: they see maps, lists, strings, numbers and truth
 * values, call chosen filters and functions, read no file, and are stopped when they take too many
 * steps or make too long a text.
 */
public final class JinjaTemplate {
  private final String name;
  private final Clock clock;
  private final List<Statement> body;

  /**
   * Reads a template.
   *
   * @param name where it comes from, for messages
   * @throws InvalidInputException naming the template, line and expression if it is broken
   */
  public JinjaTemplate(String name, String text) {
    this(name, text, Clock.systemUTC());
  }

  JinjaTemplate(String name, String text, Clock clock) {
    this.name = requireNonNull(name, "name");
    this.clock = clock;
    String lines = text.replace("\r\n", "\n").replace('\r', '\n');
    String source = lines.endsWith("\n") ? lines.substring(0, lines.length() - 1) : lines;
    try {
      this.body = TemplateParser.parse(source);
    } catch (TemplateException | StackOverflowError e) {
      throw refused(e);
    }
  }

  /** Where the template comes from. */
  public String name() {
    return name;
  }

  /**
   * Whether the template loops over a message's content, as those do that take it as a list of
   * parts (text, images).
   */
  public boolean loopsOverContent() {
    return ContentLoops.in(body);
  }

  /**
   * Renders the template.
   *
   * @param variables maps, lists, strings, numbers, truth values; null is None
   * @throws InvalidInputException naming the template, line and expression if it raises an
   *     exception, uses what is not supported, or takes too long
   */
  public String render(Map<String, ?> variables) {
    Frame globals = new Frame(new Frame.Run(clock));
    Globals.addTo(globals);
    StringBuilder out = new StringBuilder();
    try {
      variables.forEach((key, value) -> globals.set(key, imported(value)));
      Statement.all(body, globals.inner(), out);
    } catch (TemplateException | ArithmeticException | StackOverflowError e) {
      throw refused(e);
    }
    return out.toString();
  }

  private InvalidInputException refused(Throwable e) {
    String line =
        e instanceof TemplateException located && located.line() > 0
            ? ", line " + located.line()
            : "";
    String reason =
        e instanceof StackOverflowError ? "its parts are nested too deeply" : e.getMessage();
    return new InvalidInputException("Template " + name + line + ": " + reason, e);
  }

  /** A value in the types that templates know; what else there is in Java is not let in. */
  private static Object imported(Object value) {
    if (value instanceof Integer || value instanceof Short) {
      return ((Number) value).longValue();
    } else if (value instanceof Float number) {
      return number.doubleValue();
    } else if (value instanceof List<?> list) {
      List<Object> copy = new ArrayList<>();
      list.forEach(element -> copy.add(imported(element)));
      return list instanceof Tuple ? new Tuple(copy) : copy;
    } else if (value instanceof Map<?, ?> map) {
      Map<Object, Object> copy = new LinkedHashMap<>();
      map.forEach((key, entry) -> copy.put(PythonCompare.key(imported(key)), imported(entry)));
      return copy;
    } else if (value == null
        || value instanceof String
        || value instanceof Boolean
        || value instanceof Long
        || value instanceof Double) {
      return value;
    }
    throw new TemplateException("a variable of the type " + value.getClass().getName());
  }
}
