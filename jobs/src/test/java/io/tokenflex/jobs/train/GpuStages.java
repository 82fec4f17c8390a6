package io.tokenflex.jobs.train;

import io.tokenflex.jobs.config.ClusterConfig;
import io.tokenflex.jobs.config.StageGpus;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.BarrierTaskContext;
import org.apache.spark.SparkConf;
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
    Map<String, String> spark = new TreeMap<>();
    spark.put("spark.worker.resource.gpu.amount", "1");
    spark.put("spark.worker.resource.gpu.discoveryScript", args[0]);
    spark.put("spark.executor.extraClassPath", System.getProperty("java.class.path"));
    spark.put("spark.ui.enabled", "false");
    ClusterConfig cluster =
        new ClusterConfig(
            "local-cluster",
            "client",
            2,
            2,
            1,
            "512m",
            "512m",
            Duration.ofMinutes(2),
            Duration.ofMinutes(2),
            4,
            0,
            spark);
    SparkConf conf = new SparkConf().setMaster(cluster.sparkMaster()).setAppName("gpu stages");
    cluster.sparkSettings().forEach(conf::set);
    try (JavaSparkContext context = new JavaSparkContext(conf)) {
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
