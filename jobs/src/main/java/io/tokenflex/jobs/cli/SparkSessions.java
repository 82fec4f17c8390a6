package io.tokenflex.jobs.cli;

import io.tokenflex.jobs.config.ClusterConfig;
import java.util.Map;
import org.apache.spark.SparkConf;
import org.apache.spark.sql.SparkSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Creates the Spark session of a command. */
final class SparkSessions {
  private static final Logger log = LoggerFactory.getLogger(SparkSessions.class);

  /** Read by DJL when it loads its engine. */
  private static final String NUM_THREADS = "ai.djl.pytorch.num_threads";

  private SparkSessions() {}

  /** Opens a session; settings given to spark-submit override the cluster section. */
  static SparkSession open(ClusterConfig cluster, String name) {
    warnOfNarrowFileNames();
    SparkConf conf = new SparkConf();
    conf.setIfMissing("spark.master", cluster.sparkMaster());
    conf.setIfMissing("spark.app.name", "tokenflex " + name);
    for (Map.Entry<String, String> setting : cluster.sparkSettings().entrySet()) {
      conf.setIfMissing(setting.getKey(), setting.getValue());
    }
    if (ClusterConfig.runsTasksInDriver(conf.get("spark.master"))) {
      computeByThreads(cluster.coresPerExecutor(), System.getenv());
    }
    return SparkSession.builder().config(conf).getOrCreate();
  }

  /**
   * Has PyTorch compute each task in this JVM by as many threads as in an executor, unless the user
   * has said how many. By default it would take every core for every task.
   */
  static void computeByThreads(int numThreads, Map<String, String> environment) {
    if (System.getProperty(NUM_THREADS) == null && !environment.containsKey("OMP_NUM_THREADS")) {
      System.setProperty(NUM_THREADS, Integer.toString(numThreads));
    }
  }

  /**
   * Warns if file names are not UTF-8. The launcher sets a locale; direct calls of spark-submit may
   * not.
   */
  private static void warnOfNarrowFileNames() {
    String charset = System.getProperty("sun.jnu.encoding", "UTF-8");
    if (!charset.equalsIgnoreCase("UTF-8")) {
      log.warn(
          "file names are read as {} here, so files whose names have other letters cannot be opened;"
              + " export LC_ALL=C.UTF-8 before spark-submit",
          charset);
    }
  }
}
