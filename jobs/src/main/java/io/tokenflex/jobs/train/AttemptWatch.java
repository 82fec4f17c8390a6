package io.tokenflex.jobs.train;

import io.tokenflex.jobs.failure.FailureKind;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import org.apache.spark.SparkStageInfo;
import org.apache.spark.api.java.JavaSparkContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches one attempt from the driver and ends it where Spark would wait for ever: for tasks that
 * find no place because a killed one still holds it, and for a rank that has failed but cannot be
 * woken.
 */
final class AttemptWatch implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(AttemptWatch.class);
  private static final Duration POLL = Duration.ofMillis(500);

  /** How long a rank that has reported its failure may take to end. */
  private static final Duration GRACE = Duration.ofSeconds(10);

  private final JavaSparkContext spark;
  private final String jobGroup;
  private final int numRanks;
  private final Duration startTimeout;
  private final AttemptReports reports;
  private final Thread thread;

  AttemptWatch(
      JavaSparkContext spark,
      String jobGroup,
      int numRanks,
      Duration startTimeout,
      AttemptReports reports) {
    this.spark = spark;
    this.jobGroup = jobGroup;
    this.numRanks = numRanks;
    this.startTimeout = startTimeout;
    this.reports = reports;
    this.thread = new Thread(this::watch, "attempt-watch");
    thread.setDaemon(true);
    thread.start();
  }

  private void watch() {
    try {
      if (awaitStart() && awaitFailure()) {
        Thread.sleep(GRACE.toMillis());
        log.info(
            "train: attempt {} has failed but does not end; Spark is told to end it",
            reports.number());
      }
      spark.cancelJobGroup(jobGroup);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // the attempt has ended
    }
  }

  private boolean awaitStart() throws InterruptedException {
    long end = System.nanoTime() + startTimeout.toNanos();
    while (!isRunning()) {
      if (System.nanoTime() > end) {
        reports.failedAtDriver(
            FailureKind.ENVIRONMENT,
            String.format(
                Locale.ROOT,
                "Spark found no place for all %d ranks at once within cluster.executorTimeout = %d s;"
                    + " executors are missing, or tasks that were killed still hold them",
                numRanks,
                startTimeout.toSeconds()));
        return false;
      }
      Thread.sleep(POLL.toMillis());
    }
    return true;
  }

  private boolean isRunning() {
    return Arrays.stream(spark.statusTracker().getActiveStageIds())
        .mapToObj(stage -> spark.statusTracker().getStageInfo(stage))
        .anyMatch(stage -> stage != null && progress(stage) >= numRanks);
  }

  private static int progress(SparkStageInfo stage) {
    return stage.numActiveTasks() + stage.numCompletedTasks() + stage.numFailedTasks();
  }

  private boolean awaitFailure() throws InterruptedException {
    while (!reports.hasCause()) {
      Thread.sleep(POLL.toMillis());
    }
    return true;
  }

  @Override
  public void close() {
    thread.interrupt();
    try {
      thread.join(GRACE.toMillis()); // so that it does not end the next attempt
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
