package io.tokenflex.jinja;

import static java.util.Objects.requireNonNull;

import com.hubspot.jinjava.Jinjava;
import com.hubspot.jinjava.JinjavaConfig;
import com.hubspot.jinjava.LegacyOverrides;
import com.hubspot.jinjava.el.JinjavaProcessors;
import com.hubspot.jinjava.interpret.Context;
import com.hubspot.jinjava.interpret.Context.Library;
import com.hubspot.jinjava.interpret.JinjavaInterpreter;
import com.hubspot.jinjava.interpret.TemplateError;
import com.hubspot.jinjava.lib.Importable;
import com.hubspot.jinjava.tree.Node;
import io.tokenflex.failure.InvalidInputException;
import java.time.Clock;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import jinjava.de.odysseus.el.ExpressionFactoryImpl;
import jinjava.de.odysseus.el.tree.TreeStore;
import jinjava.de.odysseus.el.tree.impl.Cache;
import jinjava.javax.el.ExpressionFactory;

/**
 * A Jinja template, rendered as transformers renders chat templates ({@code trim_blocks}, {@code
 * lstrip_blocks}, {@code raise_exception}, {@code strftime_now}, here in UTC, {@code tojson}
 * without HTML escapes, {@code generation} blocks). Thread-safe.
 *
 * <p>Templates come from the internet, so they may do little: they see maps, lists, strings,
 * numbers and truth values, call chosen filters and functions, read no file, and are stopped when
 * they take too many steps or make too long a text.
 */
public final class JinjaTemplate {
  private static final int EXPRESSIONS_KEPT = 1000;
  private static final Set<String> TAGS =
      Set.of("if", "elif", "else", "for", "set", "macro", "call", "raw", "do");

  private final String name;
  private final Jinjava engine;
  private final Node root;
  private int steps;

  /**
   * Reads a template.
   *
   * @param name where it comes from, for messages
   * @throws IllegalArgumentException naming the template if its blocks do not fit together
   */
  public JinjaTemplate(String name, String text) {
    this(name, text, Clock.systemUTC());
  }

  JinjaTemplate(String name, String text, Clock clock) {
    this.name = requireNonNull(name, "name");
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    // The expression language looks for its own classes there.
    thread.setContextClassLoader(Jinjava.class.getClassLoader());
    try {
      this.engine = new PythonJinjava(config(clock));
    } finally {
      thread.setContextClassLoader(before);
    }
    Context context = engine.getGlobalContext();
    PythonFilters.all().forEach(context::registerFilter);
    PythonFunctions.all().forEach(context::registerFunction);
    context.registerTag(new PythonTags.If());
    context.registerTag(new PythonTags.For());
    context.registerTag(new PythonTags.Generation());
    engine.setResourceLocator(
        (file, encoding, interpreter) -> {
          throw new UnsupportedOperationException("templates cannot read " + file);
        });
    String lines = withoutLastNewline(text.replace("\r\n", "\n").replace('\r', '\n'));
    this.root = interpret(Map.of(), interpreter -> interpreter.parse(lines));
  }

  private static String withoutLastNewline(String text) {
    return text.endsWith("\n") ? text.substring(0, text.length() - 1) : text;
  }

  /** Where the template comes from. */
  public String name() {
    return name;
  }

  /**
   * Renders the template.
   *
   * @param variables maps, lists, strings, numbers, truth values
   * @throws IllegalArgumentException naming the template if it raises an exception, is broken, uses
   *     what is not supported, or takes too long
   */
  public String render(Map<String, ?> variables) {
    return interpret(variables, interpreter -> interpreter.render(root));
  }

  /** One at a time: contexts tell the one they share what they resolve. */
  private synchronized <T> T interpret(
      Map<String, ?> variables, Function<JinjavaInterpreter, T> action) {
    Context shared = engine.getGlobalContext();
    JinjavaInterpreter interpreter =
        new PythonInterpreter(engine, new Context(shared, new HashMap<>(variables), DISABLED));
    steps = 0;
    T result;
    try (var current = JinjavaInterpreter.closeablePushCurrent(interpreter).get()) {
      result = action.apply(current.value());
    } catch (RuntimeException | StackOverflowError e) {
      throw new InvalidInputException("Template %s: %s".formatted(name, reason(e)), e);
    } finally {
      shared.reset();
    }
    List<TemplateError> errors = interpreter.getErrorsCopy();
    if (!errors.isEmpty()) {
      TemplateError error = errors.get(0);
      String reason = error.getException() == null ? error.getMessage() : reason(error);
      throw new InvalidInputException(
          String.format(Locale.ROOT, "Template %s, line %d: %s", name, error.getLineno(), reason),
          error.getException());
    }
    return result;
  }

  private static String reason(TemplateError error) {
    Throwable cause = rootOf(error.getException());
    return isOurs(cause) ? cause.getMessage() : error.getMessage();
  }

  private static String reason(Throwable thrown) {
    Throwable cause = rootOf(thrown);
    return isOurs(cause) || cause.getMessage() != null ? cause.getMessage() : cause.toString();
  }

  private static boolean isOurs(Throwable cause) {
    return cause instanceof PythonFunctions.RaisedException
        || cause instanceof UnsupportedOperationException;
  }

  private static Throwable rootOf(Throwable thrown) {
    Throwable cause = thrown;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause;
  }

  private JinjavaConfig config(Clock clock) {
    return JinjavaConfig.newBuilder()
        .withTrimBlocks(true)
        .withLstripBlocks(true)
        .withNestedInterpretationEnabled(false)
        .withLegacyOverrides(
            LegacyOverrides.newBuilder()
                .withEvaluateMapKeys(true)
                .withIterateOverMapKeys(true)
                .withUseNaturalOperatorPrecedence(true)
                .withParseWhitespaceControlStrictly(true)
                .withAllowAdjacentTextNodes(true)
                .withUseTrimmingForNotesAndExpressions(true)
                .withKeepNullableLoopValues(true)
                .withHandleBackslashInQuotesOnly(true)
                .build())
        .withElResolver(new PythonResolver())
        .withDateTimeProvider(clock::millis)
        .withDisabled(DISABLED)
        .withMaxOutputSize(Limits.CHARACTERS)
        .withMaxStringLength(Limits.CHARACTERS)
        .withMaxListSize(Limits.COLLECTION)
        .withMaxMapSize(Limits.COLLECTION)
        .withProcessors(
            JinjavaProcessors.newBuilder()
                .withNodePreProcessor((node, interpreter) -> countStep())
                .build())
        .build();
  }

  private void countStep() {
    if (++steps > Limits.STEPS) {
      throw new UnsupportedOperationException(
          String.format(Locale.ROOT, "more than %d steps; a template must end", Limits.STEPS));
    }
  }

  private static final Map<Library, Set<String>> DISABLED = disabled();

  private static Map<Library, Set<String>> disabled() {
    Context all = new Context();
    return Map.of(
        Library.TAG, others(all.getAllTags(), TAGS, tag -> tag.startsWith("end")),
        Library.FILTER, others(all.getAllFilters(), PythonFilters.ALLOWED, filter -> false),
        Library.FUNCTION, others(all.getAllFunctions(), PythonFunctions.ALLOWED, name -> false));
  }

  private static Set<String> others(
      Collection<? extends Importable> known, Set<String> allowed, Predicate<String> alsoAllowed) {
    Set<String> ours =
        Stream.concat(PythonFilters.all().stream(), PythonFunctions.all().stream())
            .map(Importable::getName)
            .collect(Collectors.toSet());
    return known.stream()
        .map(Importable::getName)
        .filter(name -> !allowed.contains(name) && !ours.contains(name))
        .filter(name -> !alsoAllowed.test(name))
        .collect(Collectors.toUnmodifiableSet());
  }

  /** Writes values as Python does, and none that Python would write in another way. */
  private static final class PythonInterpreter extends JinjavaInterpreter {
    PythonInterpreter(Jinjava engine, Context context) {
      super(engine, context, engine.getGlobalConfig());
    }

    @Override
    public String getAsString(Object value) {
      if (value instanceof Boolean truth) {
        return truth ? "True" : "False";
      }
      if (value instanceof Collection<?> || value instanceof Map<?, ?>) {
        throw new UnsupportedOperationException(
            "%s is written; write its elements or use tojson"
                .formatted(PythonValues.kindOf(value)));
      }
      return value == null ? "" : value.toString();
    }
  }

  /** Jinjava with the parser and the truth of Python. */
  private static final class PythonJinjava extends Jinjava {
    private final ExpressionFactory expressions =
        new ExpressionFactoryImpl(
            new TreeStore(new PythonParser.Syntax(), new Cache(EXPRESSIONS_KEPT)),
            new PythonValues());

    PythonJinjava(JinjavaConfig config) {
      super(config);
    }

    @Override
    public ExpressionFactory getExpressionFactory() {
      return expressions;
    }
  }
}
