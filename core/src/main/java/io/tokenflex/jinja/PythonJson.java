package io.tokenflex.jinja;

import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Python's {@code json.dumps(value, ensure_ascii=False, indent=...)}, as transformers sets it. */
final class PythonJson {
  private static final int ONE_LINE = -1;

  private final StringBuilder out = new StringBuilder();
  private final int indent;

  private PythonJson(int indent) {
    this.indent = indent;
  }

  static String write(Object value) {
    return write(value, ONE_LINE);
  }

  static String write(Object value, int indent) {
    if (indent > 16) {
      throw new UnsupportedOperationException("tojson with indent " + indent);
    }
    PythonJson json = new PythonJson(indent);
    json.value(value, 0);
    return json.out.toString();
  }

  private void value(Object value, int level) {
    if (value == null) {
      out.append("null");
    } else if (value instanceof Number || value instanceof Boolean) {
      out.append(value);
    } else if (value instanceof Map<?, ?> map) {
      object(map, level);
    } else if (value instanceof List<?> list) {
      array(list, level);
    } else {
      string(value.toString());
    }
    Limits.checkLength(out.length());
  }

  private void object(Map<?, ?> map, int level) {
    out.append('{');
    boolean first = true;
    for (Map.Entry<?, ?> entry : map.entrySet()) {
      separate(first, level + 1);
      first = false;
      string(String.valueOf(entry.getKey()));
      out.append(": ");
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
      out.append(indent == ONE_LINE ? ", " : ",");
    }
    breakLine(level);
  }

  private void close(boolean empty, int level) {
    if (!empty) {
      breakLine(level);
    }
  }

  private void breakLine(int level) {
    if (indent != ONE_LINE) {
      out.append('\n').append(" ".repeat(indent * level));
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
          if (c < ' ') {
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
