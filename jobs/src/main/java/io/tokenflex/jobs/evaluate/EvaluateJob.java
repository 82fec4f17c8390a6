package io.tokenflex.jobs.evaluate;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.tokenflex.jobs.answers.AnswerJob;
import io.tokenflex.jobs.answers.AnswerModel;
import io.tokenflex.jobs.answers.AnswerSettings;
import io.tokenflex.jobs.answers.AnsweredRow;
import io.tokenflex.jobs.answers.Answers;
import io.tokenflex.jobs.config.EvaluateConfig;
import io.tokenflex.jobs.run.RunFolder;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * Answers every held-out question at every token count, in parallel over row groups; what a former
 * run with the same model and settings has answered is not asked again.
 *
 * <p>Writes {@code evaluation/predictions} (Parquet) and then {@code evaluation/summary.json} into
 * the run folder; the order of the rows is that of the data, whatever the number of executors.
 */
public final class EvaluateJob {
  /** Where the summary lies in a run folder. */
  public static final String SUMMARY = "evaluation/summary.json";

  /** Where the table of predictions lies in a run folder. */
  public static final String PREDICTIONS = "evaluation/predictions";

  /** Where answers are kept in a run folder, a folder for each model and its settings. */
  public static final String ANSWERS = "evaluation/answers";

  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  private static final StructType SCHEMA =
      new StructType()
          .add("id", DataTypes.StringType, false)
          .add("questionIndex", DataTypes.IntegerType, false)
          .add("kind", DataTypes.StringType, false)
          .add("detail", DataTypes.StringType, false)
          .add("question", DataTypes.StringType, false)
          .add("expected", DataTypes.StringType, false)
          .add("predicted", DataTypes.StringType, false)
          .add("numVisionTokens", DataTypes.IntegerType, false)
          .add("correct", DataTypes.BooleanType, false)
          .add("numNewTokens", DataTypes.IntegerType, false)
          .add("latencySeconds", DataTypes.DoubleType, false)
          .add("precision", DataTypes.StringType, false)
          .add("problem", DataTypes.StringType, false);

  private EvaluateJob() {}

  /**
   * Runs the evaluation.
   *
   * @param modelFolder any Hadoop path that every executor can read
   * @throws IllegalArgumentException if the held-out data holds no question
   */
  public static EvaluationSummary run(
      SparkSession spark,
      EvaluateConfig config,
      HeldoutData heldout,
      String modelFolder,
      AnswerModel.Loader loader,
      RunFolder runFolder)
      throws IOException {
    Configuration hadoop = spark.sparkContext().hadoopConfiguration();
    Answers answers =
        AnswerJob.run(
            spark,
            new AnswerSettings(
                "evaluate",
                config.numVisionTokens(),
                config.maxNewTokens(),
                config.batchSize(),
                config.maxBrokenFraction()),
            HeldoutRows.of(heldout, hadoop),
            modelFolder,
            loader,
            runFolder.pathOf(ANSWERS));
    List<Prediction> predictions = predictions(answers, config);
    EvaluationSummary summary = EvaluationSummary.of(modelFolder, config.batchSize(), predictions);
    // The old summary goes first, the new one comes last: it vouches for the table beside it.
    runFolder.delete(SUMMARY);
    spark
        .createDataFrame(predictions.stream().map(EvaluateJob::toRow).toList(), SCHEMA)
        .coalesce(1)
        .write()
        .mode(SaveMode.Overwrite)
        .parquet(runFolder.pathOf(PREDICTIONS));
    runFolder.writeText(SUMMARY, JSON.writeValueAsString(summary));
    return summary;
  }

  /** The summary of a run's last complete evaluation. */
  public static Optional<EvaluationSummary> readSummary(RunFolder runFolder) throws IOException {
    return runFolder.exists(SUMMARY)
        ? Optional.of(JSON.readValue(runFolder.readText(SUMMARY), EvaluationSummary.class))
        : Optional.empty();
  }

  private static List<Prediction> predictions(Answers answers, EvaluateConfig config)
      throws IOException {
    String precision = answers.precision();
    List<Prediction> predictions = new ArrayList<>();
    for (Answers.OfSlice slice : answers.read()) {
      for (AnsweredRow row : slice.rows()) {
        predictions.add(
            Prediction.of(
                row,
                slice.slice().numVisionTokens(),
                precision,
                config.kindKey(),
                config.detailKey()));
      }
    }
    return predictions;
  }

  private static Row toRow(Prediction prediction) {
    return RowFactory.create(
        prediction.id(),
        prediction.questionIndex(),
        prediction.kind(),
        prediction.detail(),
        prediction.question(),
        prediction.expected(),
        prediction.predicted(),
        prediction.numVisionTokens(),
        prediction.correct(),
        prediction.numNewTokens(),
        prediction.batchSeconds(),
        prediction.precision(),
        prediction.problem());
  }
}
