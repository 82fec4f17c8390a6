package io.tokenflex.jobs.predict;

import io.tokenflex.jobs.answers.RowSource;
import java.io.IOException;
import org.apache.spark.sql.SparkSession;

/** What is to be answered. */
public sealed interface PredictInput permits PredictTable, PredictDataset {
  /**
   * The rows in groups that are the same in every run.
   *
   * @param folder for what has to be kept of them, any Hadoop path
   * @throws io.tokenflex.failure.InvalidInputException if they cannot be asked
   */
  RowSource rows(SparkSession spark, String folder) throws IOException;

  /** Whether a row may be one of several questions of a sample. */
  boolean hasSamples();
}
