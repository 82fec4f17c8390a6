package io.tokenflex.dataprep.prepare;

import java.time.Duration;
import java.util.Timer;
import java.util.TimerTask;
import org.apache.spark.SparkStageInfo;
import org.apache.spark.api.java.JavaSparkContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Logs the progress of the current work every few seconds. */
final class RunProgress implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(RunProgress.class);
  private static final Duration INTERVAL = Duration.ofSeconds(10);

  private final JavaSparkContext spark;
  private final Timer clock = new Timer("prepare progress", /* isDaemon= */ true);
  private volatile String work = "starting";

  RunProgress(JavaSparkContext spark) {
    this.spark = spark;
    TimerTask tick =
        new TimerTask() {
          @Override
          public void run() {
            log();
          }
        };
    clock.schedule(tick, INTERVAL.toMillis(), INTERVAL.toMillis());
  }

  /** Sets the current work. */
  void on(String newWork) {
    work = newWork;
  }

  private void log() {
    for (int stage : spark.statusTracker().getActiveStageIds()) {
      SparkStageInfo info = spark.statusTracker().getStageInfo(stage);
      if (info != null) {
        log.info("prepare: {}, {} of {} tasks", work, info.numCompletedTasks(), info.numTasks());
      }
    }
  }

  @Override
  public void close() {
    clock.cancel();
  }
}
