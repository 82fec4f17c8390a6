package io.tokenflex.jobs.train;

import io.tokenflex.jobs.config.ClusterConfig;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.apache.spark.api.java.JavaSparkContext;

/** Waits for the executors that a barrier stage needs all at once. */
final class ExecutorWait {
  private static final long POLL_MILLIS = 100;

  private ExecutorWait() {}

  /**
   * Returns once all executors have registered.
   *
   * @throws TrainingFailedException naming how many are missing at the deadline
   */
  static void until(JavaSparkContext spark, ClusterConfig cluster) throws InterruptedException {
    String master = spark.sc().master();
    if (master.startsWith("local[") || master.equals("local")) {
      return; // ranks are threads of the driver
    }
    long end = System.nanoTime() + cluster.executorTimeout().toNanos();
    int registered = registered(spark);
    while (registered < cluster.executors()) {
      if (System.nanoTime() > end) {
        throw new TrainingFailedException(
            String.format(
                Locale.ROOT,
                "Only %d of %d executors registered within %s. Check the cluster's free cores, memory%s,"
                    + " or lower cluster.executors (it must divide train.lanes)",
                registered,
                cluster.executors(),
                cluster.executorTimeout(),
                cluster.gpusPerExecutor() > 0 ? " and GPUs" : ""),
            null);
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
