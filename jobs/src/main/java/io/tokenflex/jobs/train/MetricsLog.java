package io.tokenflex.jobs.train;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.tokenflex.jobs.RunFolder;
import java.io.IOException;
import java.time.Duration;
import java.util.TreeMap;

/**
 * A run's {@code metrics.jsonl}: one line per step, once per step whatever was repeated.
 *
 * <p>Written as a whole every few seconds: object stores cannot append.
 */
final class MetricsLog {
  static final String FILE_NAME = "metrics.jsonl";
  private static final Duration WRITE_INTERVAL = Duration.ofSeconds(5);
  private static final ObjectMapper JSON = new ObjectMapper();

  private final RunFolder folder;
  private final TreeMap<Long, String> lines = new TreeMap<>();
  private long lastWrite = System.nanoTime();

  /** Continues the log of a run that was broken off. */
  MetricsLog(RunFolder folder) throws IOException {
    this.folder = folder;
    if (folder.exists(FILE_NAME)) {
      for (String line : folder.readText(FILE_NAME).lines().toList()) {
        lines.put(JSON.readTree(line).required("step").asLong(), line);
      }
    }
  }

  /** Forgets the steps that will be done again. */
  void resumeAfter(long stepsDone) {
    lines.tailMap(stepsDone, false).clear();
  }

  void add(long step, String json) throws IOException {
    lines.put(step, json);
    if (System.nanoTime() - lastWrite > WRITE_INTERVAL.toNanos()) {
      write();
    }
  }

  void write() throws IOException {
    folder.writeText(FILE_NAME, lines.isEmpty() ? "" : String.join("\n", lines.values()) + "\n");
    lastWrite = System.nanoTime();
  }
}
