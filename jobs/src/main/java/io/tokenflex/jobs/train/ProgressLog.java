package io.tokenflex.jobs.train;

import io.tokenflex.jobs.events.RankMessage;
import io.tokenflex.jobs.events.ReportingListener;
import io.tokenflex.jobs.events.TrainingEvent;
import io.tokenflex.jobs.run.ClockText;
import io.tokenflex.tokens.TokenCountSchedule;
import io.tokenflex.train.StepMetrics;
import java.time.Duration;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How far a training has come: for people in the log, and what the driver says at the end. */
final class ProgressLog {
  private static final Logger log = LoggerFactory.getLogger(ProgressLog.class);
  private static final Duration LOG_INTERVAL = Duration.ofSeconds(5);

  private final TimeLeft timeLeft;
  private long maxSteps;
  private long lastStep;
  private String lastFolder = "no checkpoint was needed";
  private long lastLog;
  private long lastCounted;
  private long skipped;
  private int skippedTold;

  /**
   * @param schedule of the run's token counts
   */
  ProgressLog(TokenCountSchedule schedule) {
    this.timeLeft = new TimeLeft(schedule);
  }

  synchronized long lastStep() {
    return lastStep;
  }

  synchronized String lastFolder() {
    return lastFolder;
  }

  synchronized void accept(RankMessage message) {
    TrainingEvent event = message.event();
    if (event instanceof TrainingEvent.Started started) {
      maxSteps = started.maxSteps();
      lastStep = started.stepsDone();
      timeLeft.start(lastStep, maxSteps);
      logStart(started);
    } else if (event instanceof TrainingEvent.SettingsChanged settings) {
      log.info(
          "train: goes on with settings that the checkpoint was not written with: {}",
          String.join("; ", settings.changes()));
    } else if (event instanceof TrainingEvent.StepDone step) {
      lastStep = step.metrics().step();
      countSkipped(step.metrics());
      logProgress(step.metrics());
    } else if (event instanceof TrainingEvent.SampleSkipped sample) {
      logSkipped(sample);
    } else if (event instanceof TrainingEvent.CheckpointPublished checkpoint) {
      lastFolder = checkpoint.folder();
    } else if (event instanceof TrainingEvent.Waiting waiting) {
      logWaiting(message.rank(), waiting);
    }
  }

  private void logStart(TrainingEvent.Started started) {
    log.info(
        started.stepsDone() == 0
            ? "train: {} steps, matrix products in {} ({})"
            : "train: resuming, {} steps in all, matrix products in {} ({}), from step {}",
        maxSteps,
        started.computeType(),
        started.computeTypeReason(),
        started.stepsDone());
  }

  private static void logWaiting(int rank, TrainingEvent.Waiting waiting) {
    if (waiting.isOver()) {
      log.info("train: rank {} waited {} s for {}", rank, waiting.seconds(), waiting.what());
    } else {
      log.warn("train: rank {} has waited {} s for {}", rank, waiting.seconds(), waiting.what());
    }
  }

  private void logSkipped(TrainingEvent.SampleSkipped sample) {
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
            timeLeft.left().map(left -> ClockText.of(left) + " left").orElse("first steps"),
            skipped == 0 ? "" : "  " + skippedSamples()));
  }
}
