package io.tokenflex.jobs.config;

import org.apache.spark.SparkConf;
import org.apache.spark.rdd.RDD;
import org.apache.spark.resource.ResourceProfileBuilder;
import org.apache.spark.resource.TaskResourceRequests;

/**
 * Gives GPUs to the tasks of single stages. Were they asked for by {@code spark.task.resource},
 * every command would run one task for each GPU, and preparing data would leave the other cores
 * idle.
 */
public final class StageGpus {
  /** Spark's name for the resource. */
  public static final String GPU = "gpu";

  /** How many GPUs an executor has; Spark discovers which. */
  public static final String PER_EXECUTOR = "spark.executor.resource.gpu.amount";

  private static final String PER_TASK = "spark.task.resource.gpu.amount";

  private StageGpus() {}

  /**
   * The same stage, each of whose tasks gets all GPUs of its executor; unchanged where executors
   * have none or where every task asks for them already.
   */
  public static <T> RDD<T> forEachTask(RDD<T> stage) {
    SparkConf conf = stage.context().getConf();
    int gpus = conf.getInt(PER_EXECUTOR, 0);
    if (gpus == 0 || conf.contains(PER_TASK) || stage.context().isLocal()) {
      return stage;
    }
    TaskResourceRequests requests =
        new TaskResourceRequests().cpus(conf.getInt("spark.task.cpus", 1)).resource(GPU, gpus);
    return stage.withResources(new ResourceProfileBuilder().require(requests).build());
  }
}
