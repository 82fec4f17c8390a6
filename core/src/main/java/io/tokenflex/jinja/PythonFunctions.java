package io.tokenflex.jinja;

import com.hubspot.jinjava.interpret.JinjavaInterpreter;
import com.hubspot.jinjava.lib.fn.ELFunctionDefinition;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** The functions that transformers gives to chat templates. */
final class PythonFunctions {
  /** Jinjava's own that a template may call. */
  static final Set<String> ALLOWED = Set.of(":namespace");

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

  private PythonFunctions() {}

  static List<ELFunctionDefinition> all() {
    return List.of(
        new ELFunctionDefinition(
            "", "raise_exception", PythonFunctions.class, "raiseException", Object.class),
        new ELFunctionDefinition("", "range", PythonFunctions.class, "range", Object[].class),
        new ELFunctionDefinition(
            "", "strftime_now", PythonFunctions.class, "strftimeNow", String.class));
  }

  /** What a template itself complains of. */
  static final class RaisedException extends RuntimeException {
    private static final long serialVersionUID = 1;

    RaisedException(String message) {
      super(message);
    }
  }

  /** Called by templates. */
  static Object raiseException(Object message) {
    throw new RaisedException(String.valueOf(message));
  }

  /** Called by templates with stop, or start, stop and perhaps step. */
  static List<Object> range(Object... arguments) {
    long[] bounds = Arrays.stream(arguments).mapToLong(n -> ((Number) n).longValue()).toArray();
    long start = bounds.length > 1 ? bounds[0] : 0;
    long stop = bounds.length > 1 ? bounds[1] : bounds[0];
    long step = bounds.length > 2 ? bounds[2] : 1;
    List<Object> numbers = new ArrayList<>();
    for (long n = start; step > 0 ? n < stop : step < 0 && n > stop; n += step) {
      numbers.add(n);
      if (numbers.size() > Limits.MAX_RANGE) {
        throw new UnsupportedOperationException(
            String.format(Locale.ROOT, "a range of more than %d numbers", Limits.MAX_RANGE));
      }
    }
    return numbers;
  }

  /** Called by templates. */
  static String strftimeNow(String format) {
    JinjavaInterpreter interpreter = JinjavaInterpreter.getCurrent();
    long millis = interpreter.getConfig().getDateTimeProvider().getCurrentTimeMillis();
    ZonedDateTime now = Instant.ofEpochMilli(millis).atZone(ZoneOffset.UTC);
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < format.length(); i++) {
      char c = format.charAt(i);
      if (c != '%' || i + 1 == format.length()) {
        text.append(c);
        continue;
      }
      char field = format.charAt(++i);
      if (field == '%') {
        text.append('%');
        continue;
      }
      String pattern = DATE_FIELDS.get(field);
      if (pattern == null) {
        throw new UnsupportedOperationException("strftime_now has no field %" + field);
      }
      text.append(DateTimeFormatter.ofPattern(pattern, Locale.ENGLISH).format(now));
    }
    return text.toString();
  }
}
