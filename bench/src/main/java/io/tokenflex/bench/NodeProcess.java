package io.tokenflex.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A part of the check of a node, as a process of its own: it may crash, hang, or run out of memory.
 */
final class NodeProcess {
  private final Process process;
  private final Path output;
  private final Duration limit;

  /** How it ended, and what it printed. */
  record Ended(int status, List<String> lines) {
    /** This, or the failure with the end of what was printed. */
    Ended requireSuccess() {
      if (status != 0) {
        throw new NodePage.FailedException(
            "ended with status " + status,
            lines.subList(Math.max(0, lines.size() - 30), lines.size()));
      }
      return this;
    }
  }

  private NodeProcess(Process process, Path output, Duration limit) {
    this.process = process;
    this.output = output;
    this.limit = limit;
  }

  static NodeProcess start(List<String> command, Map<String, String> environment, Duration limit)
      throws IOException {
    Path output = Files.createTempFile("node-check", ".log");
    output.toFile().deleteOnExit();
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().putAll(environment);
    builder.redirectErrorStream(true).redirectOutput(output.toFile());
    return new NodeProcess(builder.start(), output, limit);
  }

  /** Waits for its end, and ends it after the limit. */
  Ended await() throws IOException {
    try {
      boolean hasEnded = process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS);
      if (!hasEnded) {
        process.destroyForcibly();
      }
      List<String> lines = new String(Files.readAllBytes(output), UTF_8).lines().toList();
      if (!hasEnded) {
        throw new NodePage.FailedException("did not end within " + limit, lines);
      }
      return new Ended(process.exitValue(), lines);
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }
}
