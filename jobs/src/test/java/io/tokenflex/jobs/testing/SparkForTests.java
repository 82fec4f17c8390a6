package io.tokenflex.jobs.testing;

import org.apache.spark.sql.SparkSession;

/** One small in-process Spark for all unit tests of a JVM: it proves wiring, not isolation. */
public final class SparkForTests {
  private static SparkSession session;

  private SparkForTests() {}

  public static synchronized SparkSession session() {
    if (session == null) {
      session =
          SparkSession.builder()
              .appName("tests")
              .master("local[2]")
              .config("spark.ui.enabled", "false")
              .config("spark.driver.host", "127.0.0.1")
              .config("spark.driver.bindAddress", "127.0.0.1")
              .config("spark.sql.shuffle.partitions", "2")
              .getOrCreate();
    }
    return session;
  }
}
