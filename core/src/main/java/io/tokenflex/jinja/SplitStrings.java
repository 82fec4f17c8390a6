package io.tokenflex.jinja;

import io.tokenflex.jinja.Values.Tuple;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Splitting methods of Python's {@code str}. */
final class SplitStrings {
  private static final String BREAKS = "\n\r\u000b\f\u001c\u001d\u001e\u0085\u2028\u2029";

  private SplitStrings() {}

  static List<Object> split(String text, String method, Arguments given) {
    Arguments.Bound bound = given.bind(method, "sep?", "maxsplit?");
    String separator = bound.text("sep", null);
    long most = bound.whole("maxsplit", -1);
    boolean fromRight = method.equals("rsplit");
    if (separator == null) {
      return fromRight ? wordsFromRight(text, most) : words(text, most);
    } else if (separator.isEmpty()) {
      throw new TemplateException(method + " by the empty string");
    }
    List<Object> parts = new ArrayList<>();
    if (fromRight) {
      int to = text.length();
      int at = text.lastIndexOf(separator);
      while (at >= 0 && parts.size() != most) {
        parts.add(text.substring(at + separator.length(), to));
        to = at;
        at = at == 0 ? -1 : text.substring(0, to).lastIndexOf(separator);
      }
      parts.add(text.substring(0, to));
      Collections.reverse(parts);
      return parts;
    }
    int from = 0;
    for (int at = text.indexOf(separator); at >= 0 && parts.size() != most; ) {
      parts.add(text.substring(from, at));
      from = at + separator.length();
      at = text.indexOf(separator, from);
    }
    parts.add(text.substring(from));
    return parts;
  }

  private static List<Object> words(String text, long most) {
    List<Object> parts = new ArrayList<>();
    String rest = PythonStrings.strip(text, true, false);
    while (!rest.isEmpty() && parts.size() != most) {
      int end = 0;
      while (end < rest.length() && !PythonStrings.isSpace(rest.charAt(end))) {
        end++;
      }
      parts.add(rest.substring(0, end));
      rest = PythonStrings.strip(rest.substring(end), true, false);
    }
    if (!rest.isEmpty()) {
      parts.add(rest);
    }
    return parts;
  }

  private static List<Object> wordsFromRight(String text, long most) {
    List<Object> parts = new ArrayList<>();
    String rest = PythonStrings.strip(text, false, true);
    while (!rest.isEmpty() && parts.size() != most) {
      int begin = rest.length();
      while (begin > 0 && !PythonStrings.isSpace(rest.charAt(begin - 1))) {
        begin--;
      }
      parts.add(rest.substring(begin));
      rest = PythonStrings.strip(rest.substring(0, begin), false, true);
    }
    if (!rest.isEmpty()) {
      parts.add(rest);
    }
    Collections.reverse(parts);
    return parts;
  }

  static List<Object> lines(String text, boolean keepEnds) {
    List<Object> lines = new ArrayList<>();
    int from = 0;
    for (int i = 0; i < text.length(); i++) {
      if (BREAKS.indexOf(text.charAt(i)) >= 0) {
        int end = text.startsWith("\r\n", i) ? i + 2 : i + 1;
        lines.add(text.substring(from, keepEnds ? end : i));
        from = end;
        i = end - 1;
      }
    }
    if (from < text.length()) {
      lines.add(text.substring(from));
    }
    return lines;
  }

  static Tuple partition(String text, String method, Arguments given) {
    String separator = given.bind(method, "sep").text("sep", "");
    if (separator.isEmpty()) {
      throw new TemplateException(method + " by the empty string");
    }
    boolean right = method.equals("rpartition");
    int at = right ? text.lastIndexOf(separator) : text.indexOf(separator);
    if (at < 0) {
      return right ? Tuple.of("", "", text) : Tuple.of(text, "", "");
    }
    return Tuple.of(text.substring(0, at), separator, text.substring(at + separator.length()));
  }
}
