package io.tokenflex.jobs.failure;

import java.util.ArrayList;
import java.util.List;

/** Formats failures for users. */
public final class Failures {
  private static final int MAX_CAUSES = 20;
  private static final int MAX_LINE_CHARS = 2000;
  private static final String OURS = "io.tokenflex.";

  private Failures() {}

  /** The chain of causes, starting with {@code failure}. */
  static List<Throwable> causes(Throwable failure) {
    List<Throwable> causes = new ArrayList<>();
    for (Throwable cause = failure;
        cause != null && causes.size() < MAX_CAUSES && !causes.contains(cause);
        cause = cause.getCause()) {
      causes.add(cause);
    }
    return causes;
  }

  /**
   * Messages of the chain of causes, outermost first: the first line of each message that adds
   * information. Exceptions without a message are named by their class.
   */
  public static List<String> messages(Throwable failure) {
    List<String> all = causes(failure).stream().map(Failures::message).toList();
    List<String> messages = new ArrayList<>();
    for (int i = 0; i < all.size(); i++) {
      String message = all.get(i);
      boolean isQuote =
          all.subList(i + 1, all.size()).stream().anyMatch(next -> quotes(message, next));
      if (!isQuote && messages.stream().noneMatch(said -> said.contains(message))) {
        messages.add(message);
      }
    }
    return messages;
  }

  /** Whether a message only repeats the cause's message after its exception name. */
  private static boolean quotes(String message, String other) {
    return message.endsWith("Exception: " + other) || message.endsWith("Error: " + other);
  }

  /** As {@link #messages}, on one line. */
  public static String inOneLine(Throwable failure) {
    return String.join("; because: ", messages(failure));
  }

  private static String message(Throwable cause) {
    String said = cause.getMessage() == null ? "" : cause.getMessage().strip();
    String first = said.lines().findFirst().orElse("");
    String line =
        first.length() > MAX_LINE_CHARS ? first.substring(0, MAX_LINE_CHARS) + " ..." : first;
    if (cause instanceof Error || line.isEmpty() || isFault(cause)) {
      String name = cause.getClass().getSimpleName();
      return (line.isEmpty() ? name : name + ": " + line) + (isFault(cause) ? place(cause) : "");
    }
    return line;
  }

  /** Exceptions that indicate a bug. */
  private static boolean isFault(Throwable cause) {
    return cause instanceof NullPointerException
        || cause instanceof IndexOutOfBoundsException
        || cause instanceof ClassCastException
        || cause instanceof ArithmeticException
        || cause instanceof NegativeArraySizeException
        || cause instanceof StackOverflowError;
  }

  private static String place(Throwable cause) {
    for (StackTraceElement frame : cause.getStackTrace()) {
      if (frame.getClassName().startsWith(OURS)) {
        return " at " + frame;
      }
    }
    return cause.getStackTrace().length == 0 ? "" : " at " + cause.getStackTrace()[0];
  }
}
