package io.tokenflex.jobs.metrics;

import io.tokenflex.jobs.run.RunFolder;
import io.tokenflex.train.StepMetrics;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The steps of a run for the report, read line by line from all parts of its metrics and thinned:
 * of a long run every second step is kept, every fourth, and so on, and the last.
 *
 * <p>An attempt repeats the steps after its checkpoint, so a line takes back all before it from its
 * step on.
 */
public final class MetricsHistory {
  private static final Logger log = LoggerFactory.getLogger(MetricsHistory.class);
  private static final int MAX_DAMAGED_NAMED = 5;

  private final int maxSteps;
  private final List<StepMetrics> steps = new ArrayList<>();
  private StepMetrics last;
  private long stride = 1;

  MetricsHistory(int maxSteps) {
    this.maxSteps = maxSteps;
  }

  /** What a run folder holds, at most {@code maxSteps} and one steps; empty if there is nothing. */
  public static List<StepMetrics> read(RunFolder folder, int maxSteps) throws IOException {
    MetricsHistory history = new MetricsHistory(maxSteps);
    List<String> files = new ArrayList<>(MetricsFile.parts(folder));
    if (folder.exists(MetricsFile.NAME)) {
      files.add(MetricsFile.NAME);
    }
    for (String file : files) {
      try (InputStream in = folder.open(file)) {
        read(in, folder.pathOf(file), (metrics, line) -> history.add(metrics));
      }
    }
    return history.steps();
  }

  /** What becomes of a line that can be read. */
  @FunctionalInterface
  public interface Lines {
    void add(StepMetrics metrics, String line);
  }

  /** Reads one file; names the first lines that are damaged. */
  public static void read(InputStream in, String place, Lines lines) throws IOException {
    Naming naming = new Naming(place, lines);
    MetricsFile.read(in, naming);
    if (naming.damaged > MAX_DAMAGED_NAMED) {
      log.warn("{}: {} lines in all cannot be read and are left out", place, naming.damaged);
    }
  }

  private static final class Naming implements MetricsFile.Reader {
    private final String place;
    private final Lines lines;
    private long damaged;

    Naming(String place, Lines lines) {
      this.place = place;
      this.lines = lines;
    }

    @Override
    public void step(StepMetrics metrics, String line) {
      lines.add(metrics, line);
    }

    @Override
    public void damaged(long lineNumber, String why) {
      if (++damaged <= MAX_DAMAGED_NAMED) {
        log.warn("{}: line {} cannot be read and is left out: {}", place, lineNumber, why);
      }
    }
  }

  void add(StepMetrics metrics) {
    takeBack(metrics.step());
    last = metrics;
    if (metrics.step() % stride != 0 && !steps.isEmpty()) {
      return;
    }
    steps.add(metrics);
    if (steps.size() > maxSteps) {
      stride *= 2;
      steps.subList(1, steps.size()).removeIf(step -> step.step() % stride != 0);
    }
  }

  private void takeBack(long fromStep) {
    while (!steps.isEmpty() && steps.get(steps.size() - 1).step() >= fromStep) {
      steps.remove(steps.size() - 1);
    }
  }

  List<StepMetrics> steps() {
    List<StepMetrics> all = new ArrayList<>(steps);
    if (last != null && (all.isEmpty() || all.get(all.size() - 1).step() < last.step())) {
      all.add(last);
    }
    return all;
  }
}
