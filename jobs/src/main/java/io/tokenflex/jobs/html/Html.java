package io.tokenflex.jobs.html;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** Text that is safe inside HTML. */
public final class Html {
  private Html() {}

  public static String escape(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }

  /** Says that a part of the page is missing and which command makes it. */
  public static String missing(String what, String command) {
    return "<div class=\"missing\">%s Make it with <code>%s</code>.</div>"
        .formatted(escape(what), escape(command));
  }

  /** A complete page. */
  public static String page(String title, String name, String body) {
    return """
        <!doctype html>
        <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
        <title>%s · %s</title><style>%s</style></head><body><main>
        <header><h1>%s</h1><p>%s</p></header>
        %s
        </main></body></html>
        """
        .formatted(escape(title), escape(name), css(), escape(name), escape(title), body);
  }

  public static String card(String title, String content) {
    return "<div class=\"card\"><h3>" + escape(title) + "</h3>" + content + "</div>";
  }

  public static String tile(String value, String label) {
    return "<div class=\"tile\"><b>" + value + "</b><span>" + label + "</span></div>";
  }

  /** A number with its digits in groups of three. */
  public static String grouped(long number) {
    return String.format(Locale.ROOT, "%,d", number).replace(',', ' ');
  }

  public static String megabytes(long bytes) {
    return String.format(Locale.ROOT, bytes < 10_000_000 ? "%.1f MB" : "%.0f MB", bytes / 1e6);
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
      boolean isSpace = point == '\n' || point == '\t';
      int type = Character.getType(point);
      boolean isBroken =
          type == Character.CONTROL || type == Character.SURROGATE || type == Character.UNASSIGNED;
      out.appendCodePoint(isBroken && !isSpace ? 0xfffd : point);
      end += Character.charCount(point);
    }
    return end < text.length()
        ? out.append(" … (").append(grouped(text.length())).append(" characters)").toString()
        : out.toString();
  }

  private static String css() {
    try (InputStream in = Html.class.getResourceAsStream("page.css")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new IllegalStateException("page.css is not in the jar", e);
    }
  }
}
