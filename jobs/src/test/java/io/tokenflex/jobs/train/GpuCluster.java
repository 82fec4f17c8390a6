package io.tokenflex.jobs.train;

import io.tokenflex.jobs.config.ClusterConfig;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;

/** Two executors of this machine with one GPU each, as a discovery script claims. */
final class GpuCluster {
  private GpuCluster() {}

  static JavaSparkContext start(String discoveryScript, int coresPerExecutor) {
    Map<String, String> spark = new TreeMap<>();
    spark.put("spark.worker.resource.gpu.amount", "1");
    spark.put("spark.worker.resource.gpu.discoveryScript", discoveryScript);
    spark.put("spark.executor.extraClassPath", System.getProperty("java.class.path"));
    spark.put("spark.ui.enabled", "false");
    ClusterConfig cluster =
        new ClusterConfig(
            "local-cluster",
            "client",
            2,
            coresPerExecutor,
            1,
            "512m",
            "512m",
            Duration.ofMinutes(2),
            Duration.ofMinutes(2),
            4,
            0,
            spark);
    SparkConf conf = new SparkConf().setMaster(cluster.sparkMaster()).setAppName("gpus");
    cluster.sparkSettings().forEach(conf::set);
    return new JavaSparkContext(conf);
  }
}
