package io.tokenflex.jobs.train;

import io.tokenflex.jobs.config.StageGpus;
import java.util.List;
import org.apache.spark.BarrierTaskContext;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * A Spark application on two executors of two cores and one GPU each, as a discovery script claims:
 * prints which GPUs the tasks of a plain stage, of an evaluation and of training get.
 */
public final class GpuStages {
  private GpuStages() {}

  /** Called with the path of the discovery script. */
  public static void main(String[] args) {
    try (JavaSparkContext context = GpuCluster.start(args[0], 2)) {
      JavaRDD<String> plain =
          context.parallelize(List.of(1, 2, 3, 4), 4).map(i -> gpusOf(TaskContext.get()));
      System.out.println("plain " + plain.collect() + " " + context.defaultParallelism());
      System.out.println("each " + StageGpus.forEachTask(plain.rdd()).toJavaRDD().collect());
      System.out.println(
          "barrier "
              + BarrierStage.run(context, 2, String.class, () -> gpusOf(BarrierTaskContext.get())));
    }
  }

  private static String gpusOf(TaskContext context) {
    return context.resourcesJMap().containsKey(StageGpus.GPU)
        ? String.join("+", context.resourcesJMap().get(StageGpus.GPU).addresses())
        : "none";
  }
}
