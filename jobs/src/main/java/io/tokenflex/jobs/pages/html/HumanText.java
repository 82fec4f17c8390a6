package io.tokenflex.jobs.pages.html;

import java.util.Locale;

/** Numbers and foreign texts as people read them, the same under every locale. */
public final class HumanText {
  private HumanText() {}

  /** A number with its digits in groups of three. */
  public static String grouped(long number) {
    return String.format(Locale.ROOT, "%,d", number).replace(',', ' ');
  }

  public static String megabytes(long bytes) {
    return String.format(Locale.ROOT, bytes < 10_000_000 ? "%.1f MB" : "%.0f MB", bytes / 1e6);
  }

  /** A fraction in per cent with one digit after the point. */
  public static String percent(double fraction) {
    return String.format(Locale.ROOT, "%.1f %%", 100 * fraction);
  }

  /** A fraction in whole per cent; only what is all of it is 100 %, only what is nothing 0 %. */
  public static String wholePercent(double fraction) {
    boolean roundsToAnEnd = Math.round(100 * fraction) % 100 == 0;
    return roundsToAnEnd && fraction > 0 && fraction < 1
        ? percent(Math.min(0.999, Math.max(0.001, fraction)))
        : String.format(Locale.ROOT, "%.0f %%", 100 * fraction);
  }

  /** A duration as short as it stays readable: {@code 0.8 ms}, {@code 21 ms}, {@code 1.4 s}. */
  public static String seconds(double seconds) {
    if (seconds >= 1) {
      return String.format(Locale.ROOT, seconds < 10 ? "%.1f s" : "%.0f s", seconds);
    }
    double millis = 1000 * seconds;
    return String.format(Locale.ROOT, millis < 10 ? "%.1f ms" : "%.0f ms", millis);
  }

  /**
   * Text for people's eyes: what is no character, or would steer a terminal, becomes U+FFFD, and
   * the end of a long text is cut.
   */
  public static String readable(String text, int maxChars) {
    StringBuilder out = new StringBuilder();
    int end = 0;
    while (end < text.length() && end < maxChars) {
      int point = text.codePointAt(end);
      out.appendCodePoint(isCharacter(point) && point != '\r' ? point : 0xfffd);
      end += Character.charCount(point);
    }
    return end < text.length()
        ? out.append(" … (").append(grouped(text.length())).append(" characters)").toString()
        : out.toString();
  }

  /** Whether a code point is a character or white space; all of these are allowed in XML. */
  static boolean isCharacter(int point) {
    int type = Character.getType(point);
    return point == '\n'
        || point == '\r'
        || point == '\t'
        || (type != Character.CONTROL
            && type != Character.SURROGATE
            && type != Character.UNASSIGNED);
  }
}
