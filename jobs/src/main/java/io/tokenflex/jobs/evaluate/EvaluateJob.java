package io.tokenflex.jobs.evaluate;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.tokenflex.adaptive.Calibration;
import io.tokenflex.jobs.answers.AnswerModel;
import io.tokenflex.jobs.config.BenchmarkSettings;
import io.tokenflex.jobs.config.EvaluateConfig;
import io.tokenflex.jobs.run.RunFolder;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks a model the held-out questions and the public benchmarks of a run at every token count; what
 * a former run with the same model and settings has answered is not asked again.
 *
 * <p>Writes {@code evaluation/predictions} (Parquet) and then {@code evaluation/summary.json} into
 * the run folder, in the order of the data, whatever the number of executors; of benchmarks {@code
 * evaluation/benchmarks/NAME} and then {@code evaluation/benchmarks.json}.
 */
public final class EvaluateJob {
  /** Where results lie in a run folder. */
  public static final String FOLDER = "evaluation";

  /** Where the summary of the held-out data lies in a run folder. */
  public static final String SUMMARY = FOLDER + "/summary.json";

  /** Where the table of predictions lies in a run folder. */
  public static final String PREDICTIONS = FOLDER + "/predictions";

  /** Where the summaries of benchmarks lie in a run folder. */
  public static final String BENCHMARKS = FOLDER + "/benchmarks.json";

  /** Where differences between models lie in a run folder, of the last several that were asked. */
  public static final String COMPARISONS = FOLDER + "/models/comparisons.json";

  /** Where answers are kept in a run folder, a folder for each model and its settings. */
  static final String ANSWERS = FOLDER + "/answers";

  private static final Logger log = LoggerFactory.getLogger(EvaluateJob.class);
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  private EvaluateJob() {}

  /**
   * What is evaluated.
   *
   * @param folder any Hadoop path that every executor can read
   * @param trainedCounts numbers of vision tokens that it was trained at; empty if that is not
   *     known
   * @param auto empty if it is asked at told numbers of vision tokens alone
   * @param repeats loaders of models that draw their answers, each others; none, or as many as
   *     there are counts
   */
  public record Model(
      String folder,
      AnswerModel.Loader loader,
      List<Integer> trainedCounts,
      Optional<Auto> auto,
      List<AnswerModel.Loader> repeats) {
    public Model {
      trainedCounts = List.copyOf(trainedCounts);
      repeats = List.copyOf(repeats);
    }

    /** One that is asked at told numbers of vision tokens alone. */
    public Model(String folder, AnswerModel.Loader loader) {
      this(folder, loader, List.of(), Optional.empty(), List.of());
    }
  }

  /**
   * Numbers of vision tokens that the model chooses.
   *
   * @param loader of a model that chooses by the calibration
   */
  public record Auto(Calibration calibration, AnswerModel.Loader loader) {}

  /**
   * The numbers of an evaluation; what was not asked is empty.
   *
   * @param predictions to the held-out data
   */
  public record Result(
      Optional<EvaluationSummary> heldout,
      List<BenchmarkSummary> benchmarks,
      List<Prediction> predictions) {
    /** The headlines, a line each. */
    public List<String> toLines() {
      List<String> lines = new ArrayList<>();
      heldout.ifPresent(
          summary -> {
            lines.add(summary.toOneLine());
            summary.auto().forEach(auto -> auto.toLines().lines().forEach(lines::add));
            summary.oracle().forEach(oracle -> lines.add(oracle.toLine()));
          });
      benchmarks.forEach(benchmark -> lines.add(benchmark.toOneLine()));
      return lines;
    }
  }

  /**
   * Runs the evaluation.
   *
   * @param heldout empty if it is not asked
   * @param runFolder where answers are kept
   * @param results folder in the run folder that the tables and summaries go to, for instance
   *     {@link #FOLDER}
   * @throws IllegalArgumentException if the held-out data holds no question
   */
  public static Result run(
      SparkSession spark,
      EvaluateConfig config,
      Optional<HeldoutData> heldout,
      Model model,
      RunFolder runFolder,
      String results)
      throws IOException {
    // Old summaries go first, new ones come last: they vouch for the tables beside them.
    String summaryFile = in(results, SUMMARY);
    String benchmarksFile = in(results, BENCHMARKS);
    Optional<EvaluationSummary> summary = Optional.empty();
    List<Prediction> predictions = List.of();
    if (heldout.isPresent()) {
      HeldoutEvaluation evaluation =
          HeldoutEvaluation.run(spark, config, heldout.get(), model, runFolder.pathOf(ANSWERS));
      runFolder.delete(summaryFile);
      writeTable(
          spark,
          evaluation.rows(),
          HeldoutEvaluation.SCHEMA,
          runFolder.pathOf(in(results, PREDICTIONS)));
      summary = Optional.of(evaluation.summary());
      predictions = evaluation.predictions();
      runFolder.writeText(summaryFile, JSON.writeValueAsString(evaluation.summary()));
    }
    List<BenchmarkSummary> benchmarks = new ArrayList<>();
    if (!config.benchmarksToAsk().isEmpty()) {
      BenchmarkEvaluation evaluation =
          new BenchmarkEvaluation(spark, config, model, runFolder, System.getenv());
      for (BenchmarkSettings settings : config.benchmarksToAsk()) {
        BenchmarkEvaluation.Done done = evaluation.run(settings);
        runFolder.delete(benchmarksFile);
        writeTable(
            spark,
            done.rows(),
            BenchmarkEvaluation.SCHEMA,
            runFolder.pathOf(in(results, predictionsOf(settings.name()))));
        benchmarks.add(done.summary());
        log.info("evaluate: {}", done.summary().toTable());
      }
      runFolder.writeText(benchmarksFile, JSON.writeValueAsString(benchmarks));
    }
    return new Result(summary, benchmarks, predictions);
  }

  /** Where the answers to a benchmark lie in a run folder. */
  public static String predictionsOf(String benchmark) {
    return FOLDER + "/benchmarks/" + benchmark;
  }

  private static String in(String results, String file) {
    return results + file.substring(FOLDER.length());
  }

  /** Writes one file, in the order of the rows; they are broadcast, for a task is to be small. */
  private static void writeTable(
      SparkSession spark, List<Row> rows, StructType schema, String folder) {
    JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    Broadcast<ArrayList<Row>> sent = context.broadcast(new ArrayList<>(rows));
    JavaRDD<Row> inOneTask =
        context.parallelize(List.of(0), 1).flatMap(all -> sent.value().iterator());
    spark.createDataFrame(inOneTask, schema).write().mode(SaveMode.Overwrite).parquet(folder);
    sent.destroy();
  }

  /**
   * Compares models that answered the same held-out questions, and writes {@link #COMPARISONS}.
   *
   * @param byModel results by the names of the models
   */
  public static List<ModelComparison> compare(Map<String, Result> byModel, RunFolder runFolder)
      throws IOException {
    Map<String, List<Prediction>> predictions = new LinkedHashMap<>();
    byModel.forEach((name, result) -> predictions.put(name, result.predictions()));
    List<ModelComparison> comparisons = ModelComparison.of(predictions);
    runFolder.writeText(COMPARISONS, JSON.writeValueAsString(comparisons));
    return comparisons;
  }

  /** The summary of a run's last complete evaluation. */
  public static Optional<EvaluationSummary> readSummary(RunFolder runFolder) throws IOException {
    return runFolder.exists(SUMMARY)
        ? Optional.of(JSON.readValue(runFolder.readText(SUMMARY), EvaluationSummary.class))
        : Optional.empty();
  }

  /** The benchmarks of a run's last complete evaluation; none if none were asked. */
  public static List<BenchmarkSummary> readBenchmarks(RunFolder runFolder) throws IOException {
    return runFolder.exists(BENCHMARKS)
        ? JSON.readValue(
            runFolder.readText(BENCHMARKS), new TypeReference<List<BenchmarkSummary>>() {})
        : List.of();
  }
}
