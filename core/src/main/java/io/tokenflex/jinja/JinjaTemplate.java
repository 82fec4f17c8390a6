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
 * A Jinja template, rendered as transformers renders chat templates: {@code trim_blocks}, {@code
 * lstrip_blocks}, loop controls, {@code raise_exception}, {@code strftime_now} (here in UTC),
 * {@code tojson} without HTML escapes, {@code generation} blocks. Thread-safe.
 *
 * <p>Output equals Python's; features whose output might differ are rejected. Templates are
 * untrusted: they see only maps, lists, strings, numbers and booleans, can call only a fixed set of
 * filters and functions, cannot read files, and are limited in steps and output length.
 */
public final class JinjaTemplate {
  private final String name;
  private final Clock clock;
  private final List<Statement> body;

  /**
   * Parses a template.
   *
   * @param name its origin, for messages
   * @throws InvalidInputException naming the template, line and expression of a syntax error
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

  /** Origin of the template. */
  public String name() {
    return name;
  }

  /**
   * Whether the template loops over a message's content and therefore expects it as a list of parts
   * (text, images).
   */
  public boolean loopsOverContent() {
    return ContentLoops.in(body);
  }

  /**
   * Renders the template.
   *
   * @param variables maps, lists, strings, numbers and booleans; null is None
   * @throws InvalidInputException naming the template, line and expression if it raises an
   *     exception, uses an unsupported feature, or exceeds a limit
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

  /** Converts a Java value to a template value; other types are rejected. */
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
