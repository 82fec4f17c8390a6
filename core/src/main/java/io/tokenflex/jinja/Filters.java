package io.tokenflex.jinja;

import io.tokenflex.jinja.Values.Once;
import io.tokenflex.jinja.Values.Safe;
import io.tokenflex.jinja.Values.Tuple;
import io.tokenflex.jinja.Values.Undefined;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Jinja2's filters of single values; {@link SequenceFilters} has those of sequences. */
final class Filters {
  private static final Pattern WORD =
      Pattern.compile("[-\\s({\\[<]+|[^-\\s({\\[<]+", Pattern.UNICODE_CHARACTER_CLASS);
  private static final Pattern WHOLE = Pattern.compile("[+-]?[0-9](_?[0-9])*");
  private static final Pattern REAL =
      Pattern.compile("[+-]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][+-]?[0-9]+)?");

  private Filters() {}

  static Object apply(String name, Object value, Arguments given, Frame frame) {
    if (value instanceof Safe && !name.equals("safe")) {
      throw new TemplateException("filter " + name + " of " + Values.kindOf(value));
    }
    return switch (name) {
      case "upper", "lower", "capitalize" -> {
        given.bind(name);
        yield PythonStrings.call(PythonText.str(value), name, Arguments.NONE);
      }
      case "title" -> {
        given.bind(name);
        yield title(PythonText.str(value));
      }
      case "trim" -> {
        String characters = given.bind(name, "chars?").text("chars", null);
        yield PythonStrings.strip(PythonText.str(value), characters, true, true);
      }
      case "replace" -> replace(PythonText.str(value), given.bind(name, "old", "new", "count?"));
      case "center" -> {
        long width = given.bind(name, "width?").whole("width", 80);
        yield PythonStrings.call(PythonText.str(value), name, Arguments.of(width));
      }
      case "indent" -> indent(value, given.bind(name, "width?", "first?", "blank?"));
      case "truncate" ->
          truncate(value, given.bind(name, "length?", "killwords?", "end?", "leeway?"));
      case "format" -> format(PythonText.str(value), given);
      case "string" -> {
        given.bind(name);
        yield PythonText.str(value);
      }
      case "safe" -> {
        given.bind(name);
        yield value instanceof Safe ? value : new Safe(PythonText.str(value));
      }
      case "default", "d" -> {
        Arguments.Bound bound = given.bind(name, "default_value?", "boolean?");
        boolean missing =
            value instanceof Undefined || (bound.truth("boolean", false) && !Values.isTrue(value));
        yield missing ? bound.get("default_value", "") : value;
      }
      case "abs" -> {
        given.bind(name);
        yield abs(value);
      }
      case "int" -> whole(value, given.bind(name, "default?", "base?"));
      case "float" -> real(value, given.bind(name, "default?"));
      case "round" -> round(value, given.bind(name, "precision?", "method?"));
      case "tojson" -> PythonJson.write(value, given);
      case "length", "count" -> {
        given.bind(name);
        yield Values.length(value);
      }
      case "items" -> {
        given.bind(name);
        yield items(value);
      }
      case "list" -> {
        given.bind(name);
        yield new ArrayList<>(Values.elements(value));
      }
      case "first" -> {
        given.bind(name);
        yield first(value);
      }
      case "last" -> {
        given.bind(name);
        yield last(value);
      }
      case "reverse" -> {
        given.bind(name);
        yield reverse(value);
      }
      default -> SequenceFilters.apply(name, value, given, frame);
    };
  }

  private static String title(String text) {
    StringBuilder result = new StringBuilder();
    Matcher words = WORD.matcher(text);
    while (words.find()) {
      String word = words.group();
      int first = word.offsetByCodePoints(0, 1);
      result.append(word.substring(0, first).toUpperCase(Locale.ROOT));
      result.append(word.substring(first).toLowerCase(Locale.ROOT));
    }
    return result.toString();
  }

  private static String replace(String text, Arguments.Bound bound) {
    Object count = bound.get("count", null);
    if (count != null && !PythonNumbers.isWhole(count)) {
      throw new TemplateException("replace needs a whole number as count");
    }
    return PythonStrings.replace(
        text,
        PythonText.str(bound.get("old", "")),
        PythonText.str(bound.get("new", "")),
        count == null ? -1 : PythonNumbers.whole(count));
  }

  private static String indent(Object value, Arguments.Bound bound) {
    if (!(value instanceof String text)) {
      throw new TemplateException("indent of " + Values.kindOf(value));
    }
    Object width = bound.get("width", 4L);
    String indent;
    if (width instanceof String words) {
      indent = words;
    } else {
      long spaces = bound.whole("width", 4);
      Limits.checkLength(spaces);
      indent = " ".repeat((int) Math.max(0, spaces));
    }
    boolean blank = bound.truth("blank", false);
    StringBuilder result = new StringBuilder(bound.truth("first", false) ? indent : "");
    String before = "";
    for (Object line : SplitStrings.lines(text + "\n", false)) {
      result.append(before);
      if (!before.isEmpty() && (blank || !line.equals(""))) {
        result.append(indent);
      }
      result.append(line);
      Limits.checkLength(result.length());
      before = "\n";
    }
    return result.toString();
  }

  private static String truncate(Object value, Arguments.Bound bound) {
    if (!(value instanceof String text)) {
      throw new TemplateException("truncate of " + Values.kindOf(value));
    }
    long length = bound.whole("length", 255);
    String end = bound.text("end", "...");
    long leeway = bound.get("leeway", null) == null ? 5 : bound.whole("leeway", 5);
    if (length < Values.length(end) || leeway < 0) {
      throw new TemplateException("truncate to less than its end " + PythonText.repr(end));
    }
    if (Values.length(text) <= length + leeway) {
      return text;
    }
    String kept =
        text.substring(0, text.offsetByCodePoints(0, (int) (length - Values.length(end))));
    if (!bound.truth("killwords", false) && kept.indexOf(' ') >= 0) {
      kept = kept.substring(0, kept.lastIndexOf(' '));
    }
    return kept + end;
  }

  private static String format(String text, Arguments given) {
    if (!given.named().isEmpty()) {
      if (given.size() > 0) {
        throw new TemplateException("format takes values with names or without, not both");
      }
      return PercentFormat.format(text, given.named());
    }
    return PercentFormat.format(text, new Tuple(given.positional()));
  }

  private static Object abs(Object value) {
    if (!PythonNumbers.isNumber(value)) {
      throw new TemplateException("abs of " + Values.kindOf(value));
    }
    return PythonNumbers.isWhole(value)
        ? (Object) Math.absExact(PythonNumbers.whole(value))
        : (Object) Math.abs(PythonNumbers.real(value));
  }

  private static Object whole(Object value, Arguments.Bound bound) {
    Object otherwise = bound.get("default", 0L);
    if (bound.whole("base", 10) != 10) {
      throw new TemplateException("int with another base than 10");
    } else if (value instanceof Undefined undefined) {
      throw undefined.refuse();
    } else if (PythonNumbers.isWhole(value)) {
      return PythonNumbers.whole(value);
    }
    double real;
    if (value instanceof String text) {
      String stripped = ascii(PythonStrings.strip(text, true, true), "int");
      if (WHOLE.matcher(stripped).matches()) {
        try {
          return Long.parseLong(stripped.replace("_", ""));
        } catch (NumberFormatException e) {
          throw new TemplateException(stripped + " is beyond 64 bits");
        }
      }
      Double parsed = parsed(stripped);
      if (parsed == null) {
        return otherwise;
      }
      real = parsed;
    } else if (value instanceof Double number) {
      real = number;
    } else {
      return otherwise;
    }
    if (Double.isNaN(real)) {
      return otherwise;
    } else if (Math.abs(real) >= 0x1p63) {
      throw new TemplateException("int of a number beyond 64 bits");
    }
    return (long) real;
  }

  private static Object real(Object value, Arguments.Bound bound) {
    if (value instanceof Undefined undefined) {
      throw undefined.refuse();
    } else if (PythonNumbers.isNumber(value)) {
      return PythonNumbers.real(value);
    } else if (value instanceof String text) {
      Double parsed = parsed(ascii(PythonStrings.strip(text, true, true), "float"));
      return parsed == null ? bound.get("default", 0.0) : parsed;
    }
    return bound.get("default", 0.0);
  }

  /** Rejects digits of other scripts, infinity and NaN, which Python would parse. */
  private static String ascii(String text, String filter) {
    boolean plain = text.codePoints().noneMatch(c -> c > 127 && Character.isDigit(c));
    if (!plain || text.matches("(?i)[+-]?(inf|infinity|nan)")) {
      throw new TemplateException(filter + " of " + PythonText.repr(text));
    }
    return text;
  }

  private static Double parsed(String text) {
    String digits = text.replaceAll("(?<=[0-9])_(?=[0-9])", "");
    return REAL.matcher(digits).matches() ? (Double) Double.parseDouble(digits) : null;
  }

  private static Object round(Object value, Arguments.Bound bound) {
    String method = bound.text("method", "common");
    long precision = bound.whole("precision", 0);
    if (!PythonNumbers.isNumber(value) || precision < 0 || precision > 15) {
      throw new TemplateException(
          "round of " + Values.kindOf(value) + " to " + precision + " digits");
    } else if (method.equals("common")) {
      if (PythonNumbers.isWhole(value)) {
        return PythonNumbers.whole(value);
      }
      double real = PythonNumbers.real(value);
      if (Double.isNaN(real) || Double.isInfinite(real)) {
        return real;
      }
      double rounded =
          new BigDecimal(real).setScale((int) precision, RoundingMode.HALF_EVEN).doubleValue();
      return Math.copySign(rounded, real);
    } else if (!method.equals("ceil") && !method.equals("floor")) {
      throw new TemplateException("round with the method " + method);
    }
    double scale = Math.pow(10, (double) precision);
    double scaled = PythonNumbers.real(value) * scale;
    double whole = method.equals("ceil") ? Math.ceil(scaled) : Math.floor(scaled);
    return (whole == 0 ? 0.0 : whole) / scale;
  }

  private static Object items(Object value) {
    if (value instanceof Undefined) {
      return new Once(List.of());
    } else if (value instanceof Map<?, ?> map) {
      return new Once(Values.items(map).elements());
    }
    throw new TemplateException("items of " + Values.kindOf(value));
  }

  private static Object first(Object value) {
    if (value instanceof Once once) {
      return once.isEmpty() ? new Undefined("the first of nothing") : once.next();
    }
    List<Object> elements = Values.elements(value);
    return elements.isEmpty() ? new Undefined("the first of nothing") : elements.get(0);
  }

  private static Object last(Object value) {
    if (value instanceof Once) {
      throw new TemplateException("the last of " + Values.kindOf(value));
    }
    List<Object> elements = Values.elements(value);
    return elements.isEmpty()
        ? new Undefined("the last of nothing")
        : elements.get(elements.size() - 1);
  }

  private static Object reverse(Object value) {
    List<Object> elements = new ArrayList<>(Values.elements(value));
    Collections.reverse(elements);
    if (value instanceof String) {
      return PythonStrings.join("", elements);
    }
    return value instanceof Once ? elements : new Once(elements);
  }
}
