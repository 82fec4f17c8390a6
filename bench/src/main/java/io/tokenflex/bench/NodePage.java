package io.tokenflex.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;

/**
 * The page of a node: a section for each part, written as soon as the part has ended, so that a
 * node that is taken away leaves what it has shown.
 */
final class NodePage {
  private final Path file;
  private int numFailed;

  /** A part that did not do what it should; the page says why and what was printed. */
  static final class FailedException extends RuntimeException {
    private static final long serialVersionUID = 1;
    private final transient List<String> lines;

    FailedException(String reason, List<String> lines) {
      super(reason);
      this.lines = List.copyOf(lines);
    }
  }

  NodePage(Path file) {
    this.file = file;
  }

  int numFailed() {
    return numFailed;
  }

  /**
   * Runs a part, whose lines become its section; what it throws does, too, and others go on.
   *
   * @return whether it did what it should
   */
  boolean add(String title, Callable<List<String>> part) {
    long start = System.nanoTime();
    String outcome = "";
    List<String> lines;
    boolean passed = false;
    try {
      lines = part.call();
      passed = true;
    } catch (Exception | LinkageError e) {
      numFailed++;
      outcome = ": FAILED, " + e;
      lines = e instanceof FailedException failed ? failed.lines : List.of();
      if (e instanceof FailedException) {
        outcome = ": FAILED, " + e.getMessage();
      }
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    String section =
        String.format(
            Locale.ROOT,
            "### %s%s%n%.0f s%n```%n%s%n```%n%n",
            title,
            outcome,
            seconds,
            String.join(System.lineSeparator(), lines));
    System.out.print(section);
    try {
      Files.writeString(file, section, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return passed;
  }
}
