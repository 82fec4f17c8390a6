package io.tokenflex.jobs.evaluate;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.tokenflex.jobs.config.EvaluateConfig;
import io.tokenflex.jobs.config.StageGpus;
import io.tokenflex.jobs.evaluate.SliceEvaluator.Slice;
import io.tokenflex.jobs.run.RunFolder;
import io.tokenflex.samples.SampleSource;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.SerializableConfiguration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers every held-out question at every token count, in parallel over row groups.
 *
 * <p>Writes {@code evaluation/predictions} (Parquet) and then {@code evaluation/summary.json} into
 * the run folder; the order of the rows is that of the data, whatever the number of executors.
 */
public final class EvaluateJob {
  /** Where the summary lies in a run folder. */
  public static final String SUMMARY = "evaluation/summary.json";

  /** Where the table of predictions lies in a run folder. */
  public static final String PREDICTIONS = "evaluation/predictions";

  private static final Logger log = LoggerFactory.getLogger(EvaluateJob.class);
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
          .add("precision", DataTypes.StringType, false);

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
    JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    Configuration hadoop = context.hadoopConfiguration();
    List<Slice> slices;
    try (SampleSource source = heldout.open(hadoop)) {
      slices = slices(source.numRowGroups(), 2 * context.defaultParallelism());
    }
    log.info(
        "evaluate: {} at {} vision tokens, {} tasks",
        modelFolder,
        config.numVisionTokens(),
        slices.size());
    Broadcast<SerializableConfiguration> hadoopOnExecutors =
        context.broadcast(new SerializableConfiguration(hadoop));
    SliceEvaluator evaluator = new SliceEvaluator(heldout, modelFolder, loader, config);
    JavaRDD<Prediction> answering =
        context
            .parallelize(slices, slices.size())
            .flatMap(
                slice -> evaluator.evaluate(slice, hadoopOnExecutors.value().value()).iterator());
    List<Prediction> predictions = StageGpus.forEachTask(answering.rdd()).toJavaRDD().collect();
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

  /** Cuts row groups into at most {@code maxSlices} slices of nearly equal size. */
  static List<Slice> slices(int numRowGroups, int maxSlices) {
    int numSlices = Math.min(numRowGroups, maxSlices);
    List<Slice> slices = new ArrayList<>(numSlices);
    for (int i = 0; i < numSlices; i++) {
      slices.add(
          new Slice(
              (int) ((long) i * numRowGroups / numSlices),
              (int) ((i + 1L) * numRowGroups / numSlices)));
    }
    return slices;
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
        prediction.precision());
  }
}
