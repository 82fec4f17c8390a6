package io.tokenflex.jobs.train;

import io.tokenflex.jobs.run.MetricsFile;
import io.tokenflex.jobs.run.MetricsHistory;
import io.tokenflex.jobs.run.RunFolder;
import io.tokenflex.train.StepMetrics;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.List;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A run's metrics: one line per step. The newest lines are in {@code metrics.jsonl}, which is
 * written anew every few seconds since object stores cannot append; when it is full it becomes a
 * part, which is written once.
 *
 * <p>Metrics never decide: nothing here throws. Lines that cannot be written wait for the next
 * time.
 */
final class MetricsLog {
  /** About 1 MB. */
  static final int LINES_PER_PART = 4096;

  private static final Duration WRITE_INTERVAL = Duration.ofSeconds(5);

  /** A run folder that stays full must not fill the driver's memory. */
  private static final int MAX_LINES = 8 * LINES_PER_PART;

  /** Older versions wrote one file of any size. */
  private static final long MAX_READ_BYTES = 8L << 20;

  private static final Logger log = LoggerFactory.getLogger(MetricsLog.class);

  private final RunFolder folder;
  private final TreeMap<Long, String> lines = new TreeMap<>();
  private long lastPart;
  private long lastWrite = System.nanoTime();
  private long dropped;
  private boolean failing;
  private boolean continued;

  /** Continues the log of a run that was broken off. */
  MetricsLog(RunFolder folder) {
    this.folder = folder;
  }

  /** Reads what is there, once; what cannot be read is named and left out. */
  private void continueOld() throws IOException {
    if (continued) {
      return;
    }
    List<String> parts = MetricsFile.parts(folder);
    lastPart = parts.isEmpty() ? 0 : MetricsFile.numberOf(parts.get(parts.size() - 1));
    long size = folder.size(MetricsFile.NAME);
    if (size > MAX_READ_BYTES) {
      folder.rename(MetricsFile.NAME, MetricsFile.part(lastPart + 1));
      lastPart++;
    } else if (size > 0) {
      TreeMap<Long, String> old = new TreeMap<>();
      try (InputStream in = folder.open(MetricsFile.NAME)) {
        MetricsHistory.read(
            in,
            folder.pathOf(MetricsFile.NAME),
            (metrics, line) -> {
              old.tailMap(metrics.step(), true).clear();
              old.put(metrics.step(), line);
            });
      }
      if (!lines.isEmpty()) {
        old.tailMap(lines.firstKey(), true).clear();
      }
      lines.putAll(old);
    }
    continued = true;
  }

  /** Forgets the steps that will be done again. */
  void resumeAfter(long stepsDone) {
    quietly(this::continueOld);
    lines.tailMap(stepsDone, false).clear();
  }

  void add(StepMetrics metrics) {
    lines.put(metrics.step(), MetricsFile.line(metrics));
    if (lines.size() > MAX_LINES) {
      lines.pollFirstEntry();
      dropped++;
    }
    if (System.nanoTime() - lastWrite > WRITE_INTERVAL.toNanos()) {
      write();
    }
  }

  /** Writes what has not been written. */
  void write() {
    lastWrite = System.nanoTime();
    quietly(
        () -> {
          continueOld();
          if (lines.size() >= LINES_PER_PART) {
            folder.writeText(MetricsFile.part(lastPart + 1), text());
            lastPart++;
            lines.clear();
          }
          folder.writeText(MetricsFile.NAME, text());
        });
  }

  private String text() {
    return lines.isEmpty() ? "" : String.join("\n", lines.values()) + "\n";
  }

  private interface Work {
    void run() throws IOException;
  }

  private void quietly(Work work) {
    try {
      work.run();
      if (failing) {
        log.info("train: metrics are written again; {} lines were lost", dropped);
      }
      failing = false;
    } catch (IOException | RuntimeException e) {
      if (!failing) {
        log.warn(
            "train: cannot write {} ({}); training goes on, its lines wait",
            folder.pathOf(MetricsFile.NAME),
            e.toString());
      }
      failing = true;
    }
  }
}
