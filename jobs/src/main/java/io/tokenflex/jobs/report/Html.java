package io.tokenflex.jobs.report;

/** Text that is safe inside HTML. */
final class Html {
  private Html() {}

  static String escape(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }

  /** Says that a part of the page is missing and which command makes it. */
  static String missing(String what, String command) {
    return "<div class=\"missing\">%s Make it with <code>%s</code>.</div>"
        .formatted(escape(what), escape(command));
  }
}
