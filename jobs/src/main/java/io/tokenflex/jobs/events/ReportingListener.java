package io.tokenflex.jobs.events;

import io.tokenflex.batches.SkippedSample;
import io.tokenflex.distributed.Precision;
import io.tokenflex.train.StepMetrics;
import io.tokenflex.train.TrainingListener;
import java.util.List;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes events of what a rank does in training. Rank 0 speaks for all of steps and checkpoints,
 * whose sums are the same everywhere; of samples that it skipped every rank speaks for itself.
 */
public final class ReportingListener implements TrainingListener {
  /** More examples explain no more; how many there are is counted in the metrics. */
  public static final int MAX_SKIPPED_TOLD = 20;

  private static final int MAX_REASON_CHARS = 1000;
  private static final Logger log = LoggerFactory.getLogger(ReportingListener.class);

  private final Consumer<TrainingEvent> driver;
  private final int rank;
  private final Precision.Choice precision;
  private int skippedTold;

  /**
   * @param driver takes the events
   * @param precision that the run computes in
   */
  public ReportingListener(Consumer<TrainingEvent> driver, int rank, Precision.Choice precision) {
    this.driver = driver;
    this.rank = rank;
    this.precision = precision;
  }

  @Override
  public void started(long firstStep, long maxSteps) {
    send(
        new TrainingEvent.Started(
            firstStep, maxSteps, precision.type().name(), precision.reason()));
  }

  @Override
  public void settingsChanged(List<String> changes) {
    send(new TrainingEvent.SettingsChanged(changes));
  }

  @Override
  public void samplesSkipped(long step, List<SkippedSample> skipped) {
    for (SkippedSample sample : skipped) {
      if (skippedTold++ == MAX_SKIPPED_TOLD) {
        log.warn("rank {}: further skipped samples are counted only", rank);
      }
      if (skippedTold > MAX_SKIPPED_TOLD) {
        return;
      }
      String reason = sample.reason();
      if (reason.length() > MAX_REASON_CHARS) {
        reason = reason.substring(0, MAX_REASON_CHARS) + "...";
      }
      log.warn("rank {}: skipped at step {}: {}", rank, step + 1, reason);
      driver.accept(new TrainingEvent.SampleSkipped(step + 1, sample.id(), reason));
    }
  }

  @Override
  public void stepDone(StepMetrics metrics) {
    send(new TrainingEvent.StepDone(metrics));
  }

  @Override
  public void checkpointPublished(long step, String folder) {
    send(new TrainingEvent.CheckpointPublished(step, folder));
  }

  private void send(TrainingEvent event) {
    if (rank == 0) {
      driver.accept(event);
    }
  }
}
