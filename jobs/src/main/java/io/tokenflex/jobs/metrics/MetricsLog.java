package io.tokenflex.jobs.metrics;

import io.tokenflex.jobs.events.EventSink;
import io.tokenflex.jobs.events.RankMessage;
import io.tokenflex.jobs.events.TrainingEvent;
import io.tokenflex.jobs.run.RunFolder;
import io.tokenflex.train.StepMetrics;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A run's metrics as JSON lines: one line per step. The newest lines are in {@code metrics.jsonl},
 * which is written anew since object stores cannot append; when it is full it becomes a part, which
 * is written once.
 *
 * <p>Lines that cannot be written wait for the next flush.
 */
public final class MetricsLog implements EventSink {
  /** About 1 MB. */
  static final int LINES_PER_PART = 4096;

  /** A run folder that stays full must not fill the driver's memory. */
  private static final int MAX_LINES = 8 * LINES_PER_PART;

  /** Older versions wrote one file of any size. */
  private static final long MAX_READ_BYTES = 8L << 20;

  private static final Logger log = LoggerFactory.getLogger(MetricsLog.class);

  private final RunFolder folder;
  private final TreeMap<Long, String> lines = new TreeMap<>();
  private long lastPart;
  private long dropped;
  private boolean isContinued;
  private boolean isWritten = true;

  /** Continues the log of a run that was broken off. */
  public MetricsLog(RunFolder folder) {
    this.folder = folder;
  }

  @Override
  public String name() {
    return folder.pathOf(MetricsFile.NAME);
  }

  @Override
  public void accept(RankMessage message) throws IOException {
    if (message.event() instanceof TrainingEvent.Started started) {
      resumeAfter(started.stepsDone());
    } else if (message.event() instanceof TrainingEvent.StepDone step) {
      add(step.metrics());
    }
  }

  /** Forgets the steps that will be done again. */
  private void resumeAfter(long stepsDone) throws IOException {
    isWritten = false;
    try {
      continueOld();
    } finally {
      lines.tailMap(stepsDone, false).clear();
    }
  }

  /** Reads what is there, once; what cannot be read is named and left out. */
  private void continueOld() throws IOException {
    if (isContinued) {
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
    isContinued = true;
  }

  private void add(StepMetrics metrics) {
    lines.put(metrics.step(), MetricsFile.line(metrics));
    isWritten = false;
    if (lines.size() > MAX_LINES) {
      lines.pollFirstEntry();
      dropped++;
    }
  }

  @Override
  public void flush() throws IOException {
    if (isWritten) {
      return;
    }
    continueOld();
    if (lines.size() >= LINES_PER_PART) {
      folder.writeText(MetricsFile.part(lastPart + 1), text());
      lastPart++;
      lines.clear();
    }
    folder.writeText(MetricsFile.NAME, text());
    isWritten = true;
    if (dropped > 0) {
      log.warn("train: {} lines of {} could not be written and are lost", dropped, name());
      dropped = 0;
    }
  }

  private String text() {
    return lines.isEmpty() ? "" : String.join("\n", lines.values()) + "\n";
  }
}
