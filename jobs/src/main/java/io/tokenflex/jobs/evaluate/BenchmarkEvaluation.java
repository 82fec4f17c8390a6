package io.tokenflex.jobs.evaluate;

import io.tokenflex.benchmark.Benchmark;
import io.tokenflex.benchmark.BenchmarkResult;
import io.tokenflex.benchmark.BenchmarkRow;
import io.tokenflex.benchmark.BenchmarkScoring;
import io.tokenflex.benchmark.BenchmarkTable;
import io.tokenflex.benchmark.Headlines;
import io.tokenflex.benchmark.ScoredRow;
import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.jobs.answers.AnswerJob;
import io.tokenflex.jobs.answers.AnswerModel;
import io.tokenflex.jobs.answers.AnswerSettings;
import io.tokenflex.jobs.answers.AnsweredRow;
import io.tokenflex.jobs.answers.Answers;
import io.tokenflex.jobs.answers.Slice;
import io.tokenflex.jobs.config.BenchmarkSettings;
import io.tokenflex.jobs.config.EvaluateConfig;
import io.tokenflex.jobs.run.RunFolder;
import io.tokenflex.statistics.ClusterBootstrap;
import io.tokenflex.statistics.Interval;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks a model public benchmarks and scores its answers as their leader boards do. */
final class BenchmarkEvaluation {
  static final StructType SCHEMA =
      new StructType()
          .add("index", DataTypes.StringType, false)
          .add("question", DataTypes.StringType, false)
          .add("expected", DataTypes.StringType, false)
          .add("predicted", DataTypes.StringType, false)
          .add("numVisionTokens", DataTypes.IntegerType, false)
          .add("outcome", DataTypes.StringType, false)
          .add("score", DataTypes.DoubleType, false)
          .add("read", DataTypes.StringType, false)
          .add("numNewTokens", DataTypes.IntegerType, false)
          .add("latencySeconds", DataTypes.DoubleType, false)
          .add("problem", DataTypes.StringType, false)
          .add("visionTokensTried", DataTypes.IntegerType, false);

  private static final Logger log = LoggerFactory.getLogger(BenchmarkEvaluation.class);

  private final SparkSession spark;
  private final EvaluateConfig config;
  private final EvaluateJob.Model model;
  private final RunFolder runFolder;
  private final JudgeOffice judge;

  /**
   * @param environment of the driver, which may hold a judge's key
   */
  BenchmarkEvaluation(
      SparkSession spark,
      EvaluateConfig config,
      EvaluateJob.Model model,
      RunFolder runFolder,
      Map<String, String> environment)
      throws IOException {
    this.spark = spark;
    this.config = config;
    this.model = model;
    this.runFolder = runFolder;
    this.judge = JudgeOffice.of(config.judge(), environment, runFolder);
  }

  /**
   * A benchmark that was asked.
   *
   * @param rows every answer, a line of its table each
   */
  record Done(BenchmarkSummary summary, List<Row> rows) {}

  /**
   * Asks one benchmark at every count, and at numbers that the model chooses if it does.
   *
   * @throws InvalidInputException if the table is not one of the benchmark or holds no answers
   */
  Done run(BenchmarkSettings settings) throws IOException {
    BenchmarkTable table = read(settings);
    JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    BenchmarkRows rows = new BenchmarkRows(context, table, settings.promptStyle());
    log.info(
        "evaluate: {} asks {} rows of {}, the first one:\n{}",
        settings.name(),
        table.rows().size(),
        settings.data(),
        rows.firstQuestion());
    if (!table.leftOut().isEmpty()) {
      log.info(
          "evaluate: {} leaves out {} rows without a picture, the first is {}",
          settings.name(),
          table.leftOut().size(),
          table.leftOut().get(0));
    }
    if (model.auto().isPresent()) {
      AutoResult.refuseSeen(model.auto().get().calibration(), rows.pictures());
    }
    Answers answers = ask(settings, rows, config.numVisionTokens(), model.loader());
    Optional<Answers> chosen = Optional.empty();
    if (model.auto().isPresent()) {
      chosen = Optional.of(ask(settings, rows, List.of(Slice.AUTO), model.auto().get().loader()));
    }
    return score(settings, table, answers, chosen);
  }

  private Answers ask(
      BenchmarkSettings settings,
      BenchmarkRows rows,
      List<Integer> counts,
      AnswerModel.Loader loader)
      throws IOException {
    return AnswerJob.run(
        spark,
        new AnswerSettings(
            "evaluate " + settings.name(),
            counts,
            settings.maxNewTokens().orElse(config.maxNewTokens()),
            config.batchSize(),
            config.maxBrokenFraction()),
        rows,
        model.folder(),
        loader,
        runFolder.pathOf(EvaluateJob.ANSWERS));
  }

  private BenchmarkTable read(BenchmarkSettings settings) throws IOException {
    Configuration hadoop = spark.sparkContext().hadoopConfiguration();
    Path path = new Path(settings.data());
    Benchmark named = Benchmark.named(settings.name());
    BenchmarkTable table;
    try (Reader in =
        new BufferedReader(
            new InputStreamReader(path.getFileSystem(hadoop).open(path), StandardCharsets.UTF_8))) {
      table = BenchmarkTable.read(named, in, settings.data(), settings.cellReading());
    }
    if (!table.hasAnswers()) {
      throw new InvalidInputException(
          settings.data()
              + " has no answers in its column answer, so nothing can be scored; take the split"
              + " that has them, for instance DEV instead of TEST");
    }
    BenchmarkTable asked =
        settings.benchmark().equals(named) ? table : table.unrotated().as(settings.benchmark());
    return settings.limit().map(asked::first).orElse(asked);
  }

  private static SortedMap<Integer, Map<String, AnsweredRow>> byCount(Answers answers)
      throws IOException {
    SortedMap<Integer, Map<String, AnsweredRow>> byCount = new TreeMap<>();
    for (Answers.OfSlice slice : answers.read()) {
      Map<String, AnsweredRow> atCount =
          byCount.computeIfAbsent(slice.slice().numVisionTokens(), count -> new HashMap<>());
      slice.rows().forEach(row -> atCount.put(row.id(), row));
    }
    return byCount;
  }

  private Done score(
      BenchmarkSettings settings, BenchmarkTable table, Answers answers, Optional<Answers> chosen)
      throws IOException {
    Map<Integer, Map<String, AnsweredRow>> byCount = new LinkedHashMap<>(byCount(answers));
    if (chosen.isPresent()) {
      byCount.putAll(byCount(chosen.get())); // last
    }
    Map<String, String> clusters = new HashMap<>();
    table.rows().forEach(row -> clusters.put(row.index(), clusterKey(table, row)));
    BenchmarkScoring scoring = judge.scoring(settings);
    List<BenchmarkSummary.Count> counts = new ArrayList<>();
    List<Row> lines = new ArrayList<>();
    Sweep sweep = null;
    Sweep toLargest = null;
    BenchmarkResult result = null;
    int largest = Collections.max(config.numVisionTokens());
    for (Map.Entry<Integer, Map<String, AnsweredRow>> atCount : byCount.entrySet()) {
      Map<String, String> predictions = new HashMap<>();
      atCount
          .getValue()
          .forEach((index, row) -> predictions.put(index, Reasoning.answerIn(row.text())));
      result = scoring.score(table, predictions);
      List<String> keys = result.counted().stream().map(row -> clusters.get(row.index())).toList();
      sweep = sweep == null ? new Sweep(keys) : sweep;
      toLargest = toLargest == null ? new Sweep(keys) : toLargest;
      double[] scores = result.counted().stream().mapToDouble(row -> row.score().value()).toArray();
      boolean isChosen = atCount.getKey() == Slice.AUTO;
      if (!isChosen) {
        sweep.add(atCount.getKey(), scores);
      }
      if (isChosen || atCount.getKey() == largest) {
        toLargest.add(atCount.getKey(), scores);
      }
      counts.add(count(atCount.getKey(), result, keys, atCount.getValue()));
      addLines(atCount.getKey(), table, result, atCount.getValue(), lines);
    }
    judge.tellFailures();
    List<Sweep.Comparison> comparisons = new ArrayList<>(sweep.comparisons());
    comparisons.addAll(toLargest.comparisons());
    return new Done(
        new BenchmarkSummary(
            model.folder(),
            answers.precision(),
            settings.name(),
            settings.data(),
            settings.promptStyle().toString(),
            settings.cellReading().toString(),
            result.rule(),
            result.headline().name(),
            table.rows().size(),
            result.counted().size(),
            table.leftOut(),
            answers.brokenRows(),
            counts,
            comparisons),
        lines);
  }

  /** A row whose picture cannot be read is a cluster of its own. */
  private static String clusterKey(BenchmarkTable table, BenchmarkRow row) {
    try {
      return table.clusterKey(row);
    } catch (InvalidInputException e) {
      return "row " + row.index();
    }
  }

  private static BenchmarkSummary.Count count(
      int count, BenchmarkResult result, List<String> keys, Map<String, AnsweredRow> answers) {
    int draws =
        Headlines.isMeanOfRows(result.benchmark().family())
            ? ClusterBootstrap.DRAWS
            : ClusterBootstrap.DRAWS / 10;
    return new BenchmarkSummary.Count(
        count,
        result.headline().value(),
        Headlines.interval(result, keys, Sweep.bootstrap(draws))
            .orElse(new Interval(Double.NaN, Double.NaN)),
        result.unparsedShare(),
        result.unscoredShare(),
        Speed.of(answers.values()),
        result.tables(),
        answers.values().stream()
            .mapToInt(row -> row.cost().visionTokensTried())
            .filter(tried -> tried > 0)
            .average()
            .orElse(0));
  }

  private static void addLines(
      int count,
      BenchmarkTable table,
      BenchmarkResult result,
      Map<String, AnsweredRow> answers,
      List<Row> lines) {
    for (int i = 0; i < table.rows().size(); i++) {
      BenchmarkRow row = table.rows().get(i);
      ScoredRow scored = result.rows().get(i);
      AnsweredRow answer = answers.get(row.index());
      lines.add(
          RowFactory.create(
              row.index(),
              row.row().cell("question").orElse(""),
              row.reference().answer(),
              answer.text(),
              count,
              scored.score().outcome().name().toLowerCase(Locale.ROOT),
              scored.score().value(),
              scored.score().read(),
              answer.numNewTokens(),
              answer.batchSeconds(),
              answer.problem(),
              answer.cost().visionTokensTried()));
    }
  }
}
