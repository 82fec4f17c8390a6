package io.tokenflex.jinja;

/** An error in a template or its rendering; line 0 means unknown. */
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

  /** An error raised by the template itself with {@code raise_exception}. */
  static TemplateException raised(String message) {
    return new TemplateException(message, 0, true);
  }

  /** Adds a source position, unless there is one. */
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
