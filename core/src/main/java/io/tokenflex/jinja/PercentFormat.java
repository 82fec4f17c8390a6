package io.tokenflex.jinja;

import io.tokenflex.jinja.Values.Tuple;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Python's {@code format % values} with {@code %s %r %d %i %f %%}, named values and precisions. */
final class PercentFormat {
  private static final Pattern FIELD =
      Pattern.compile("%(\\((\\w+)\\))?(\\.(\\d{1,3}))?(.)", Pattern.DOTALL);

  private PercentFormat() {}

  static String format(String format, Object values) {
    List<?> positional = values instanceof Tuple tuple ? tuple : null;
    StringBuilder text = new StringBuilder();
    Matcher field = FIELD.matcher(format);
    int from = 0;
    int used = 0;
    while (field.find(from)) {
      text.append(plain(format, from, field.start()));
      from = field.end();
      char type = field.group(5).charAt(0);
      if (type == '%' && field.group().length() == 2) {
        text.append('%');
        continue;
      }
      Object value;
      if (field.group(2) != null) {
        if (!(values instanceof Map<?, ?> map) || !map.containsKey(field.group(2))) {
          throw new TemplateException("a format needs a map with " + field.group(2));
        }
        value = map.get(field.group(2));
      } else if (positional == null ? used > 0 : used >= positional.size()) {
        throw new TemplateException("a format has more fields than values");
      } else {
        value = positional == null ? values : positional.get(used);
        used++;
      }
      text.append(field(type, field.group(4), value, format));
      Limits.checkLength(text.length());
    }
    text.append(plain(format, from, format.length()));
    boolean allUsed =
        positional == null
            ? used > 0 || values instanceof Map<?, ?> || values instanceof List<?>
            : used == positional.size();
    if (!allUsed) {
      throw new TemplateException("a format has fewer fields than values");
    }
    return text.toString();
  }

  private static String plain(String format, int from, int to) {
    String plain = format.substring(from, to);
    if (plain.indexOf('%') >= 0) {
      throw new TemplateException("a format that is not supported: " + PythonText.repr(format));
    }
    return plain;
  }

  private static String field(char type, String precision, Object value, String format) {
    if (precision == null && (type == 's' || type == 'r')) {
      return type == 's' ? PythonText.str(value) : PythonText.repr(value);
    } else if (precision == null && (type == 'd' || type == 'i') && PythonNumbers.isWhole(value)) {
      return Long.toString(PythonNumbers.whole(value));
    } else if (type == 'f' && PythonNumbers.isNumber(value)) {
      return fixed(PythonNumbers.real(value), precision == null ? 6 : Integer.parseInt(precision));
    }
    throw new TemplateException(
        "the format " + PythonText.repr(format) + " of " + Values.kindOf(value));
  }

  static String fixed(double value, int digits) {
    if (Double.isNaN(value) || Double.isInfinite(value)) {
      return PythonText.real(value);
    }
    String text = new BigDecimal(value).setScale(digits, RoundingMode.HALF_EVEN).toPlainString();
    boolean lostSign = (value < 0 || 1 / value < 0) && !text.startsWith("-");
    return lostSign ? "-" + text : text;
  }
}
