package io.tokenflex.jinja;

/** What is wrong with a template or what it does; the line is 0 while it is not known. */
final class TemplateException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final int line;
  private final boolean raised;

  TemplateException(String message) {
    this(message, 0);
  }

  TemplateException(String message, int line) {
    this(message, line, false);
  }

  private TemplateException(String message, int line, boolean raised) {
    super(message);
    this.line = line;
    this.raised = raised;
  }

  /** What a template itself complains of. */
  static TemplateException raised(String message) {
    return new TemplateException(message, 0, true);
  }

  /** The same with its place, unless it has one. */
  TemplateException at(int place, String source) {
    if (line > 0) {
      return this;
    }
    return new TemplateException(
        raised ? getMessage() : getMessage() + ", in " + source, place, raised);
  }

  int line() {
    return line;
  }
}
