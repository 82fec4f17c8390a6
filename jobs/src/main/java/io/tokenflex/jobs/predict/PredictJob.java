package io.tokenflex.jobs.predict;

import io.tokenflex.distributed.Precision;
import io.tokenflex.generate.GenerationConfig;
import io.tokenflex.jobs.answers.AnswerJob;
import io.tokenflex.jobs.answers.AnswerSettings;
import io.tokenflex.jobs.answers.Answers;
import java.io.IOException;
import java.util.List;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** Answers a table of pictures and writes a table of answers. */
public final class PredictJob {
  private static final StructType SCHEMA =
      new StructType()
          .add("id", DataTypes.StringType, false)
          .add("answer", DataTypes.StringType, false)
          .add("num_new_tokens", DataTypes.IntegerType, false)
          .add("num_vision_tokens", DataTypes.IntegerType, false)
          .add("problem", DataTypes.StringType, false);

  private PredictJob() {}

  /**
   * How a table is answered.
   *
   * @param numVisionTokens vision tokens an image
   * @param batchSize rows decoded together; does not change answers in fp32 on CPUs
   * @param maxBrokenFraction the job fails if a larger part of the rows cannot be asked
   */
  public record Settings(
      int numVisionTokens,
      GenerationConfig generation,
      Precision precision,
      int batchSize,
      double maxBrokenFraction) {}

  /**
   * What came of it.
   *
   * @param table the Parquet table
   * @param brokenRows some of the rows without an answer, and why
   */
  public record Result(String table, long numRows, List<String> brokenRows) {}

  /**
   * Answers every row that no former run with the same rows, model and settings has answered, and
   * writes the Parquet table {@code out/answers}: a row for each row, in the order of the ids.
   * {@code out/work} holds what makes a run resumable, the rows in groups and the answers in
   * slices.
   *
   * @param out any Hadoop path
   * @throws io.tokenflex.failure.InvalidInputException if columns or ids do not fit, or too many
   *     rows cannot be asked
   */
  public static Result run(
      SparkSession spark, PredictTable input, String modelFolder, Settings settings, String out)
      throws IOException {
    StagedTable rows = StagedTable.of(spark, input, new Path(out, "work/rows").toString());
    AnswerSettings asked =
        new AnswerSettings(
            "predict",
            List.of(settings.numVisionTokens()),
            settings.generation().maxNewTokens(),
            settings.batchSize(),
            settings.maxBrokenFraction());
    Answers answers =
        AnswerJob.run(
            spark,
            asked,
            rows,
            modelFolder,
            new ConfiguredModel.Loader(settings.precision(), settings.generation()),
            new Path(out, "work/answers").toString());
    JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    JavaRDD<Row> table =
        answers
            .rows(context)
            .map(
                answer ->
                    RowFactory.create(
                        answer.row().id(),
                        answer.row().text(),
                        answer.row().numNewTokens(),
                        answer.numVisionTokens(),
                        answer.row().problem()));
    String target = new Path(out, "answers").toString();
    spark.createDataFrame(table, SCHEMA).write().mode(SaveMode.Overwrite).parquet(target);
    return new Result(target, rows.numRows(), answers.brokenRows());
  }
}
