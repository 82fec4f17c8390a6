package io.tokenflex.jobs.train;

import io.tokenflex.jobs.run.Machine;
import io.tokenflex.jobs.run.MetricsFile;
import io.tokenflex.jobs.run.RunFolder;
import io.tokenflex.jobs.run.TrainingEnvironment;
import io.tokenflex.tokens.TokenCountSchedule;
import io.tokenflex.train.StepMetrics;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the driver knows of a training: metrics, and progress for people. */
final class TrainingMonitor implements Consumer<RankReport> {
  private static final Logger log = LoggerFactory.getLogger(TrainingMonitor.class);
  private static final Duration LOG_INTERVAL = Duration.ofSeconds(5);

  private final RunFolder runFolder;
  private final MetricsLog metrics;
  private final TimeLeft timeLeft;
  private final TreeMap<Integer, Machine> machines = new TreeMap<>();
  private String computeType = "";
  private long maxSteps;
  private long lastStep;
  private long lastCheckpoint = -1;
  private String lastFolder = "no checkpoint was needed";
  private long lastLog;
  private long lastCounted;
  private long skipped;
  private int skippedTold;

  /**
   * @param schedule of the run's token counts
   */
  TrainingMonitor(RunFolder runFolder, TokenCountSchedule schedule) {
    this.runFolder = runFolder;
    this.metrics = new MetricsLog(runFolder);
    this.timeLeft = new TimeLeft(schedule);
  }

  synchronized long lastStep() {
    return lastStep;
  }

  synchronized long lastCheckpoint() {
    return lastCheckpoint;
  }

  synchronized String lastFolder() {
    return lastFolder;
  }

  @Override
  public synchronized void accept(RankReport report) {
    try {
      if (report instanceof RankReport.Joined joined) {
        machines.put(joined.rank(), joined.machine());
      } else if (report instanceof RankReport.Started started) {
        computeType = started.computeType();
        maxSteps = started.maxSteps();
        lastStep = started.stepsDone();
        timeLeft.start(lastStep, maxSteps);
        metrics.resumeAfter(started.stepsDone());
        log.info(
            started.stepsDone() == 0
                ? "train: {} steps, matrix products in {} ({})"
                : "train: resuming, {} steps in all, matrix products in {} ({}), from step {}",
            maxSteps,
            started.computeType(),
            started.computeTypeReason(),
            started.stepsDone());
      } else if (report instanceof RankReport.SettingsChanged settings) {
        log.info(
            "train: goes on with settings that the checkpoint was not written with: {}",
            String.join("; ", settings.changes()));
      } else if (report instanceof RankReport.Step step) {
        StepMetrics done = MetricsFile.readLine(step.line());
        lastStep = done.step();
        countSkipped(done);
        metrics.add(done);
        logProgress(done);
      } else if (report instanceof RankReport.Skipped skipped) {
        logSkipped(skipped);
      } else if (report instanceof RankReport.CheckpointPublished checkpoint) {
        lastCheckpoint = checkpoint.step();
        lastFolder = checkpoint.folder();
        metrics.write();
        writeEnvironment();
      }
    } catch (IOException e) { // a line that nobody understands must not silence the rank
      log.warn("train: a report cannot be read and is left out: {}", e.toString());
    }
  }

  private void logSkipped(RankReport.Skipped sample) {
    skippedTold++;
    if (skippedTold <= ReportingListener.MAX_SKIPPED_TOLD) {
      log.warn("train: skipped at step {}: {}", sample.step(), sample.reason());
    } else if (skippedTold == ReportingListener.MAX_SKIPPED_TOLD + 1) {
      log.warn("train: further skipped samples are counted, not named");
    }
  }

  /** A step that another attempt does again counts once. */
  private void countSkipped(StepMetrics step) {
    if (step.step() > lastCounted) {
      lastCounted = step.step();
      skipped += step.skippedSamples();
    }
  }

  /** What the command skipped so far, in words. */
  synchronized String skippedSamples() {
    return skipped + (skipped == 1 ? " sample skipped" : " samples skipped");
  }

  private void logProgress(StepMetrics step) {
    timeLeft.add(step);
    boolean last = step.step() == maxSteps;
    if (!last && System.nanoTime() - lastLog < LOG_INTERVAL.toNanos()) {
      return;
    }
    lastLog = System.nanoTime();
    log.info(
        String.format(
            Locale.ROOT,
            "train: step %d/%d  loss %.3f  %3d tokens  lr %.1e  %.1f samples/s  %s%s",
            step.step(),
            maxSteps,
            step.loss(),
            step.numVisionTokens(),
            step.learningRate(),
            step.samples() / timeLeft.meanStepSeconds(),
            timeLeft.left().map(left -> clock(left) + " left").orElse("first steps"),
            skipped == 0 ? "" : "  " + skippedSamples()));
  }

  private static String clock(Duration left) {
    return left.toHours() > 0
        ? String.format(
            Locale.ROOT, "%d:%02d:%02d", left.toHours(), left.toMinutesPart(), left.toSecondsPart())
        : String.format(Locale.ROOT, "%d:%02d", left.toMinutes(), left.toSecondsPart());
  }

  /** Writes what is left of the metrics; never fails. */
  synchronized void finish() {
    metrics.write();
    writeEnvironment();
  }

  /** For people; training goes on without it. */
  private void writeEnvironment() {
    if (computeType.isEmpty()) {
      return; // the ranks have not started
    }
    try {
      new TrainingEnvironment(computeType, List.copyOf(machines.values())).write(runFolder);
    } catch (IOException e) {
      log.warn("train: the machines of the ranks cannot be noted: {}", e.toString());
    }
  }
}
