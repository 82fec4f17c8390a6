package io.tokenflex.jobs.cli;

import io.tokenflex.jobs.config.ClusterConfig;
import java.util.Map;
import org.apache.spark.SparkConf;
import org.apache.spark.sql.SparkSession;

/** Starts the Spark application of a job. */
final class SparkSessions {
  private SparkSessions() {}

  /** Opens a session; what was given to spark-submit wins over the run's cluster section. */
  static SparkSession open(ClusterConfig cluster, String name) {
    SparkConf conf = new SparkConf();
    conf.setIfMissing("spark.master", cluster.sparkMaster());
    conf.setIfMissing("spark.app.name", "tokenflex " + name);
    for (Map.Entry<String, String> setting : cluster.sparkSettings().entrySet()) {
      conf.setIfMissing(setting.getKey(), setting.getValue());
    }
    return SparkSession.builder().config(conf).getOrCreate();
  }
}
