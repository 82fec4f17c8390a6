package io.tokenflex.jinja;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Python's {@code str.format} with plain fields: {@code {}}, {@code {0}}, {@code {name}}. */
final class BraceFormat {
  private static final Pattern FIELD =
      Pattern.compile("\\{\\{|\\}\\}|\\{(\\w*)(:\\.(\\d{1,3})f)?\\}");

  private BraceFormat() {}

  static String format(String format, Arguments given) {
    StringBuilder text = new StringBuilder();
    Matcher field = FIELD.matcher(format);
    int from = 0;
    int automatic = 0;
    while (field.find(from)) {
      text.append(plain(format, from, field.start()));
      from = field.end();
      String name = field.group(1);
      if (name == null) {
        text.append(field.group().charAt(0));
        continue;
      }
      Object value;
      if (name.isEmpty() || name.matches("\\d{1,4}")) {
        int index = name.isEmpty() ? automatic++ : Integer.parseInt(name);
        if (index >= given.size()) {
          throw new TemplateException("a format has more fields than values");
        }
        value = given.at(index);
      } else if (given.named().containsKey(name)) {
        value = given.named().get(name);
      } else {
        throw new TemplateException("a format needs the value " + name);
      }
      if (field.group(3) == null) {
        text.append(PythonText.str(value));
      } else if (PythonNumbers.isNumber(value)) {
        text.append(
            PercentFormat.fixed(PythonNumbers.real(value), Integer.parseInt(field.group(3))));
      } else {
        throw new TemplateException("the format " + field.group() + " of " + Values.kindOf(value));
      }
      Limits.checkLength(text.length());
    }
    return text.append(plain(format, from, format.length())).toString();
  }

  private static String plain(String format, int from, int to) {
    String plain = format.substring(from, to);
    if (plain.indexOf('{') >= 0 || plain.indexOf('}') >= 0) {
      throw new TemplateException("a format that is not supported: " + PythonText.repr(format));
    }
    return plain;
  }
}
