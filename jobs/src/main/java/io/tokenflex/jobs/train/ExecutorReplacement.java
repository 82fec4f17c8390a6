package io.tokenflex.jobs.train;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets the cluster manager replace executors that a rank got stuck on, so that the next attempt
 * does not go back to them. Spark's own exclusion counts failures of stages that end well; a
 * barrier stage that failed is none.
 */
final class ExecutorReplacement {
  private static final Logger log = LoggerFactory.getLogger(ExecutorReplacement.class);
  private static final Duration POLL = Duration.ofMillis(100);

  /** A process that is deaf to the first signal gets the second after ten seconds. */
  private static final Duration END_TIMEOUT = Duration.ofSeconds(30);

  private final SparkContext spark;
  private final int wanted;

  /**
   * @param wanted how many executors the run has
   */
  ExecutorReplacement(JavaSparkContext spark, int wanted) {
    this.spark = spark.sc();
    this.wanted = wanted;
  }

  /**
   * Replaces executors and returns when they are gone; where the cluster manager cannot, the next
   * attempt takes them as they are.
   *
   * @param executors by the rank that is stuck there
   */
  void replace(Map<Integer, String> executors) throws InterruptedException {
    if (spark.isLocal() || executors.isEmpty()) {
      return; // on a local master ranks are threads of the driver
    }
    int before = registered();
    int numKilled = 0;
    for (Map.Entry<Integer, String> stuck : executors.entrySet()) {
      boolean isKilled = spark.killExecutor(stuck.getValue());
      numKilled += isKilled ? 1 : 0;
      log.warn(
          "train: executor {}, on which rank {} is stuck, {}",
          stuck.getValue(),
          stuck.getKey(),
          isKilled ? "is replaced" : "stays: the cluster manager does not replace it");
    }
    // Killing also lowers the number of executors that are wanted.
    spark.requestTotalExecutors(wanted, 0, scala.collection.immutable.Map$.MODULE$.empty());
    long end = System.nanoTime() + END_TIMEOUT.toNanos();
    while (registered() > before - numKilled && System.nanoTime() < end) {
      TimeUnit.MILLISECONDS.sleep(POLL.toMillis());
    }
  }

  private int registered() {
    return spark.statusTracker().getExecutorInfos().length;
  }
}
