package io.tokenflex.jobs.train;

import java.util.Map;
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

  private final SparkContext spark;

  ExecutorReplacement(JavaSparkContext spark) {
    this.spark = spark.sc();
  }

  /**
   * Replaces executors; where the cluster manager cannot, the next attempt takes them as they are.
   *
   * @param executors by the rank that is stuck there
   */
  void replace(Map<Integer, String> executors) {
    if (spark.isLocal()) {
      return; // ranks are threads of the driver
    }
    for (Map.Entry<Integer, String> stuck : executors.entrySet()) {
      // The first call also lowers the number of executors that are wanted, the second restores it.
      boolean isReplaced = spark.killExecutor(stuck.getValue()) && spark.requestExecutors(1);
      log.warn(
          "train: executor {}, on which rank {} is stuck, {}",
          stuck.getValue(),
          stuck.getKey(),
          isReplaced ? "is replaced" : "stays: the cluster manager does not replace it");
    }
  }
}
