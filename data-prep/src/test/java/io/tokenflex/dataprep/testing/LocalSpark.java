package io.tokenflex.dataprep.testing;

import org.apache.spark.sql.SparkSession;

/** Sessions within the test's JVM. */
public final class LocalSpark {
  private LocalSpark() {}

  /** A session of {@code numTasks} concurrent tasks, each run up to four times. */
  public static SparkSession start(int numTasks) {
    return builder(numTasks).getOrCreate();
  }

  /** A session of one task whose local files are a {@link FaultyFileSystem}. */
  public static SparkSession startOnFaultyStorage() {
    return builder(1)
        .config("spark.hadoop.fs.file.impl", FaultyFileSystem.class.getName())
        .config("spark.hadoop.fs.file.impl.disable.cache", "true")
        .getOrCreate();
  }

  private static SparkSession.Builder builder(int numTasks) {
    return SparkSession.builder()
        .master("local[" + numTasks + ",4]")
        .appName("data-prep tests")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1");
  }
}
