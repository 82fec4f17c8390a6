package io.tokenflex.jinja;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Python's {@code json.dumps} with the arguments that {@code tojson} accepts in transformers. */
final class PythonJson {
  private static final int MAX_DEPTH = 100;
  private static final int MAX_INDENT = 16;

  private final StringBuilder out = new StringBuilder();
  private final String indent;
  private final String itemSeparator;
  private final String keySeparator;
  private final boolean sortKeys;
  private final boolean ascii;

  private PythonJson(Arguments.Bound given) {
    Object width = given.get("indent", null);
    if (PythonNumbers.isWhole(width) && PythonNumbers.whole(width) <= MAX_INDENT) {
      this.indent = " ".repeat((int) Math.max(0, PythonNumbers.whole(width)));
    } else if (width == null || (width instanceof String text && text.length() <= MAX_INDENT)) {
      this.indent = (String) width;
    } else {
      throw new TemplateException("tojson with an indent of " + Values.kindOf(width));
    }
    this.sortKeys = given.truth("sort_keys", false);
    this.ascii = given.truth("ensure_ascii", false);
    Object separators = given.get("separators", null);
    if (separators == null) {
      this.itemSeparator = indent == null ? ", " : ",";
      this.keySeparator = ": ";
    } else if (separators instanceof List<?> pair
        && pair.size() == 2
        && pair.get(0) instanceof String item
        && pair.get(1) instanceof String key) {
      this.itemSeparator = item;
      this.keySeparator = key;
    } else {
      throw new TemplateException("tojson with separators that are no two strings");
    }
  }

  static String write(Object value, Arguments given) {
    PythonJson json =
        new PythonJson(
            given.bind("tojson", "ensure_ascii?", "indent?", "separators?", "sort_keys?"));
    json.value(value, 0);
    return json.out.toString();
  }

  private void value(Object value, int level) {
    Limits.checkLength(out.length());
    if (level > MAX_DEPTH) {
      throw new TemplateException("tojson of more than " + MAX_DEPTH + " levels");
    } else if (value instanceof Map<?, ?> map) {
      object(map, level);
    } else if (value instanceof List<?> list) {
      array(list, level);
    } else if (value instanceof String text) {
      string(text);
    } else {
      out.append(scalar(value));
    }
  }

  private static String scalar(Object value) {
    if (value == null) {
      return "null";
    } else if (value instanceof Boolean || value instanceof Long) {
      return value.toString();
    } else if (value instanceof Double number) {
      return number.isNaN()
          ? "NaN"
          : number.isInfinite() ? (number > 0 ? "Infinity" : "-Infinity") : PythonText.real(number);
    }
    throw new TemplateException("tojson of " + Values.kindOf(value));
  }

  private void object(Map<?, ?> map, int level) {
    List<Map.Entry<?, ?>> entries = new ArrayList<>(map.entrySet());
    if (sortKeys) {
      entries.sort((a, b) -> PythonCompare.order(a.getKey(), b.getKey()));
    }
    out.append('{');
    boolean first = true;
    for (Map.Entry<?, ?> entry : entries) {
      separate(first, level + 1);
      first = false;
      string(entry.getKey() instanceof String key ? key : scalar(entry.getKey()));
      out.append(keySeparator);
      value(entry.getValue(), level + 1);
    }
    close(first, level);
    out.append('}');
  }

  private void array(List<?> list, int level) {
    out.append('[');
    boolean first = true;
    for (Object element : list) {
      separate(first, level + 1);
      first = false;
      value(element, level + 1);
    }
    close(first, level);
    out.append(']');
  }

  private void separate(boolean first, int level) {
    if (!first) {
      out.append(itemSeparator);
    }
    breakLine(level);
  }

  private void close(boolean empty, int level) {
    if (!empty) {
      breakLine(level);
    }
  }

  private void breakLine(int level) {
    if (indent != null) {
      out.append('\n').append(indent.repeat(level));
    }
  }

  private void string(String text) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> out.append("\\\"");
        case '\\' -> out.append("\\\\");
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        case '\b' -> out.append("\\b");
        case '\f' -> out.append("\\f");
        default -> {
          if (c < ' ' || (ascii && c > '~')) {
            out.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
          } else {
            out.append(c);
          }
        }
      }
    }
    out.append('"');
  }
}
