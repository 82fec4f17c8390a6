package io.tokenflex.jobs.train;

import io.tokenflex.jobs.MetricsFile;
import io.tokenflex.jobs.RunFolder;
import io.tokenflex.train.StepMetrics;
import java.io.IOException;
import java.time.Duration;
import java.util.TreeMap;

/**
 * A run's {@code metrics.jsonl}: one line per step, once per step whatever was repeated.
 *
 * <p>Written as a whole every few seconds: object stores cannot append.
 */
final class MetricsLog {
  private static final Duration WRITE_INTERVAL = Duration.ofSeconds(5);

  private final RunFolder folder;
  private final TreeMap<Long, String> lines = new TreeMap<>();
  private long lastWrite = System.nanoTime();

  /** Continues the log of a run that was broken off. */
  MetricsLog(RunFolder folder) throws IOException {
    this.folder = folder;
    if (folder.exists(MetricsFile.NAME)) {
      for (String line : folder.readText(MetricsFile.NAME).lines().toList()) {
        lines.put(MetricsFile.readLine(line).step(), line);
      }
    }
  }

  /** Forgets the steps that will be done again. */
  void resumeAfter(long stepsDone) {
    lines.tailMap(stepsDone, false).clear();
  }

  void add(StepMetrics metrics) throws IOException {
    lines.put(metrics.step(), MetricsFile.line(metrics));
    if (System.nanoTime() - lastWrite > WRITE_INTERVAL.toNanos()) {
      write();
    }
  }

  void write() throws IOException {
    folder.writeText(
        MetricsFile.NAME, lines.isEmpty() ? "" : String.join("\n", lines.values()) + "\n");
    lastWrite = System.nanoTime();
  }
}
