package io.tokenflex.jobs.train;

import io.tokenflex.jobs.config.ClusterConfig;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.apache.spark.api.java.JavaSparkContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Waits for the executors that a barrier stage needs all at once. */
public final class ExecutorWait {
  private static final Logger log = LoggerFactory.getLogger(ExecutorWait.class);
  private static final long POLL_MILLIS = 100;
  private static final Duration WORD_INTERVAL = Duration.ofSeconds(20);

  private ExecutorWait() {}

  /**
   * Returns once all executors have registered.
   *
   * @throws TrainingFailedException naming how many are missing at the deadline
   */
  public static void until(JavaSparkContext spark, ClusterConfig cluster)
      throws InterruptedException {
    if (ClusterConfig.runsTasksInDriver(spark.sc().master())) {
      return; // ranks are threads of the driver
    }
    long nextWord = System.nanoTime() + WORD_INTERVAL.toNanos();
    long end = System.nanoTime() + cluster.executorTimeout().toNanos();
    int registered = registered(spark);
    while (registered < cluster.executors()) {
      if (System.nanoTime() > end) {
        throw new TrainingFailedException(
            String.format(
                Locale.ROOT,
                "Only %d of %d executors registered within %s. Check the cluster's free cores,"
                    + " memory%s, or lower cluster.executors (it must divide train.lanes)",
                registered,
                cluster.executors(),
                cluster.executorTimeout(),
                cluster.gpusPerExecutor() > 0 ? " and GPUs" : ""),
            null);
      }
      if (System.nanoTime() > nextWord) {
        nextWord += WORD_INTERVAL.toNanos();
        log.info(
            "train: waiting for executors, {} of {} are here", registered, cluster.executors());
      }
      TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
      registered = registered(spark);
    }
  }

  /** Spark counts the driver too. */
  private static int registered(JavaSparkContext spark) {
    return spark.sc().statusTracker().getExecutorInfos().length - 1;
  }
}
