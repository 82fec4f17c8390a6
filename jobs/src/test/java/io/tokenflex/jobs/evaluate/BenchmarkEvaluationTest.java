package io.tokenflex.jobs.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import io.tokenflex.adaptive.Calibration;
import io.tokenflex.benchmark.Benchmark;
import io.tokenflex.benchmark.BenchmarkResult;
import io.tokenflex.benchmark.BenchmarkRow;
import io.tokenflex.benchmark.BenchmarkScoring;
import io.tokenflex.benchmark.BenchmarkTable;
import io.tokenflex.benchmark.PromptStyle;
import io.tokenflex.config.InvalidConfigException;
import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.generate.Answer;
import io.tokenflex.generate.Answer.Cost;
import io.tokenflex.generate.FinishReason;
import io.tokenflex.generate.Prompt;
import io.tokenflex.jobs.answers.AnswerModel;
import io.tokenflex.jobs.answers.PlayedModel;
import io.tokenflex.jobs.answers.PromptRow;
import io.tokenflex.jobs.answers.RowSource;
import io.tokenflex.jobs.answers.Slice;
import io.tokenflex.jobs.config.BenchmarkSettings;
import io.tokenflex.jobs.config.EvaluateConfig;
import io.tokenflex.jobs.run.RunFolder;
import io.tokenflex.jobs.testing.Calibrations;
import io.tokenflex.jobs.testing.SparkForTests;
import io.tokenflex.samples.EncodedImage;
import io.tokenflex.samples.Sample;
import java.io.IOException;
import java.io.Reader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Small tables in the formats of the public benchmarks; the model says what a file recorded. */
class BenchmarkEvaluationTest {
  private static final Path TABLES =
      Path.of(
          System.getProperty(
              "tokenflex.evaluation.tables",
              Path.of("..", "core", "src", "test", "resources", "evaluation", "tables")
                  .toString()));

  /** What the model answers to a prompt. */
  private static final Map<String, String> RECORDED = new ConcurrentHashMap<>();

  @TempDir Path folder;
  private SparkSession spark;
  private RunFolder run;

  @BeforeEach
  void open() throws IOException {
    spark = SparkForTests.session();
    run = RunFolder.of(folder.resolve("run").toString(), new Configuration());
    Files.createDirectories(folder.resolve("model"));
    Files.writeString(folder.resolve("model/weights"), "some");
    RECORDED.clear();
  }

  private static AnswerModel recorded(Path modelFolder, Device device) {
    return new PlayedModel(
        modelFolder,
        (prompt, count) -> {
          assertThat(Sample.countImageMarks(prompt.question().text()))
              .isEqualTo(prompt.images().size());
          return new Answer(RECORDED.get(key(prompt)), 2);
        });
  }

  private static String key(Prompt prompt) {
    return prompt.question().text()
        + prompt.images().stream().map(EncodedImage::sha256).collect(Collectors.joining(" "));
  }

  @Test
  void everyTableIsAskedAndReportedAsItsRulesSay() throws IOException {
    List<Path> tables;
    try (Stream<Path> files = Files.list(TABLES)) {
      tables = files.filter(file -> file.toString().endsWith(".tsv")).sorted().toList();
    }
    assertThat(tables).isNotEmpty();
    for (Path file : tables) {
      JsonNode expected = expected(file);
      String name = expected.get("dataset").asText();
      EvaluateConfig config =
          config(name, file, "cells = pandas, choiceRule = 2026-06", "numVisionTokens = [4]");
      BenchmarkSettings settings = config.benchmarksToAsk().get(0);
      BenchmarkTable table = read(settings, file);
      Map<String, String> predictions = learn(table, expected);

      BenchmarkSummary summary = evaluation(config, Map.of()).run(settings).summary();

      BenchmarkResult wanted = new BenchmarkScoring(settings.rules()).score(table, predictions);
      BenchmarkSummary.Count count = summary.counts().get(0);
      assertThat(count.tables()).as(name).isEqualTo(wanted.tables());
      assertThat(count.value()).as(name).isEqualTo(Double.valueOf(wanted.headline().value()));
      assertThat(count.unparsedShare()).as(name).isEqualTo(Double.valueOf(wanted.unparsedShare()));
      assertThat(summary.leftOut()).as(name).isEqualTo(table.leftOut());
      assertThat(summary.numRows()).isEqualTo(table.rows().size());
      assertThat(summary.toTable()).contains(name, wanted.headline().name(), "95 % interval");
    }
  }

  @Test
  void aTableAndItsSummaryAreWrittenAtEveryCount() throws IOException {
    Path file = TABLES.resolve("mmstar.tsv");
    EvaluateConfig config =
        config("MMStar", file, "limit = 3", "numVisionTokens = [4, 9]", "heldout = false");
    learn(read(config.benchmarksToAsk().get(0), file), expected(file));

    EvaluateJob.Result result =
        EvaluateJob.run(spark, config, Optional.empty(), model(), run, EvaluateJob.FOLDER);

    assertThat(result.heldout()).isEmpty();
    assertThat(EvaluateJob.readBenchmarks(run)).isEqualTo(result.benchmarks()).hasSize(1);
    BenchmarkSummary summary = result.benchmarks().get(0);
    assertThat(summary.numQuestions()).isEqualTo(3);
    assertThat(summary.counts()).extracting("numVisionTokens").containsExactly(4, 9);
    assertThat(summary.comparisons()).hasSize(1);
    assertThat(spark.read().parquet(run.pathOf(EvaluateJob.predictionsOf("MMStar"))).count())
        .isEqualTo(6);
    assertThat(result.toLines().get(0)).startsWith("MMStar accuracy ");
  }

  /**
   * Knows the first answer at any number; asked to choose, takes 4 for it and 4 and 9 for others.
   */
  private static AnswerModel choosing(Path modelFolder, Device device) {
    return new PlayedModel(
        modelFolder,
        (prompt, count) -> {
          String known = RECORDED.get(key(prompt));
          boolean isSure = prompt.question().text().equals(RECORDED.get("first"));
          int tried = count != Slice.AUTO ? count : isSure ? 4 : 13;
          return new Answer(
              isSure || count != 4 ? known : "?",
              2,
              FinishReason.END_TOKEN,
              Answer.Confidence.CERTAIN,
              new Cost(isSure ? 4 : 9, tried, 0));
        });
  }

  private EvaluateJob.Model choosing(Calibration calibration) {
    return new EvaluateJob.Model(
        folder.resolve("model").toString(),
        BenchmarkEvaluationTest::choosing,
        List.of(4, 9),
        Optional.of(new EvaluateJob.Auto(calibration, new ChoosingLoader())),
        List.of());
  }

  private record ChoosingLoader() implements AnswerModel.Loader {
    @Override
    public AnswerModel load(Path modelFolder, Device device) {
      return choosing(modelFolder, device);
    }

    @Override
    public String variant() {
      return "auto";
    }
  }

  @Test
  void numbersThatTheModelChoosesAreAColumnWithTheirMean() throws IOException {
    Path file = TABLES.resolve("mmstar.tsv");
    EvaluateConfig config =
        config("MMStar", file, "limit = 3", "numVisionTokens = [4, 9]", "heldout = false");
    BenchmarkSettings settings = config.benchmarksToAsk().get(0);
    BenchmarkTable table = read(settings, file).first(3);
    learn(read(settings, file), expected(file));
    BenchmarkRows rows =
        new BenchmarkRows(
            JavaSparkContext.fromSparkContext(spark.sparkContext()), table, settings.promptStyle());
    RECORDED.put("first", rows.firstQuestion());

    EvaluateJob.run(
        spark,
        config,
        Optional.empty(),
        choosing(Calibrations.cascade("model", -1)),
        run,
        EvaluateJob.FOLDER);

    BenchmarkSummary summary = EvaluateJob.readBenchmarks(run).get(0);
    assertThat(summary.counts())
        .extracting(BenchmarkSummary.Count::inWords)
        .containsExactly("4 tokens", "9 tokens", "auto");
    assertThat(summary.counts())
        .extracting(BenchmarkSummary.Count::meanVisionTokens)
        .containsExactly(4.0, 9.0, 30 / 3.0);
    assertThat(summary.counts().get(2).value()).isEqualTo(summary.counts().get(1).value());
    assertThat(summary.comparisons())
        .extracting(pair -> pair.lower() + " " + pair.higher())
        .containsExactly("4 9", "0 9");
    assertThat(summary.toTable()).contains("auto", "vision tokens an image", "10.0");
    assertThat(summary.toOneLine()).contains(" at auto");
    assertThat(
            spark
                .read()
                .parquet(run.pathOf(EvaluateJob.predictionsOf("MMStar")))
                .filter("numVisionTokens = 0")
                .orderBy("visionTokensTried")
                .collectAsList())
        .extracting(row -> row.<Integer>getAs("visionTokensTried"))
        .containsExactly(4, 13, 13);
  }

  @Test
  void picturesThatTheCalibrationHasSeenAreRefused() throws IOException {
    Path file = TABLES.resolve("mmstar.tsv");
    EvaluateConfig config = config("MMStar", file, "limit = 3", "numVisionTokens = [4, 9]");
    BenchmarkSettings settings = config.benchmarksToAsk().get(0);
    BenchmarkTable table = read(settings, file).first(3);
    Calibration calibration =
        Calibrations.cascadeSeen("model", List.of(table.clusterKey(table.rows().get(1))));
    BenchmarkEvaluation evaluation =
        new BenchmarkEvaluation(spark, config, choosing(calibration), run, Map.of());

    assertThatThrownBy(() -> evaluation.run(settings))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("calibration was made on 1 of the pictures that are evaluated");
  }

  @Test
  void aSummaryFromBeforeNumbersWereChosenIsRead() throws IOException {
    run.writeText(
        EvaluateJob.BENCHMARKS,
        "[{\"name\": \"x\", \"counts\": [{\"numVisionTokens\": 4, \"value\": 50.0}]}]");
    BenchmarkSummary summary = EvaluateJob.readBenchmarks(run).get(0);
    assertThat(summary.counts().get(0).meanVisionTokens()).isZero();
    assertThat(summary.hasAuto()).isFalse();
  }

  @Test
  void withoutRotationsAQuestionIsAskedOnceForItself() throws IOException {
    Path file = TABLES.resolve("mmbench_dev_en_v11.tsv");
    EvaluateConfig config =
        config("MMBench_DEV_EN_V11", file, "circular = false", "numVisionTokens = [4]");
    BenchmarkSettings settings = config.benchmarksToAsk().get(0);
    BenchmarkTable table = read(settings, file);
    learn(table, expected(file));

    BenchmarkSummary summary = evaluation(config, Map.of()).run(settings).summary();

    assertThat(summary.numRows()).isEqualTo(summary.numQuestions()).isLessThan(table.rows().size());
    assertThat(summary.rule()).doesNotContain("rotations");
  }

  @Test
  void aPictureThatCannotBeDecodedIsNamedAndItsRowIsWrong() throws IOException {
    String noPicture =
        Base64.getEncoder().encodeToString("no picture".repeat(9).getBytes(StandardCharsets.UTF_8));
    Path table = folder.resolve("broken.tsv");
    Files.writeString(
        table, "index\timage\tquestion\tA\tB\tanswer\n1\t" + noPicture + "\tWhich?\tx\ty\tA\n");
    EvaluateConfig config =
        config("MMStar", table, "limit = 5", "numVisionTokens = [4]", "maxBrokenFraction = 1");

    BenchmarkSummary summary =
        evaluation(config, Map.of()).run(config.benchmarksToAsk().get(0)).summary();

    assertThat(summary.brokenRows()).hasSize(1);
    assertThat(summary.brokenRows().get(0)).startsWith("1 at 4 tokens: picture 1: ");
    assertThat(summary.counts().get(0).value()).isEqualTo(0);
    assertThat(summary.counts().get(0).unparsedShare()).isEqualTo(1);
  }

  @Test
  void aTableWithoutAnswersIsRefusedBeforeAnythingIsAsked() throws IOException {
    Path table = folder.resolve("test-split.tsv");
    Files.writeString(table, "index\timage\tquestion\tA\tB\n1\t" + "A".repeat(80) + "\tq\tx\ty\n");
    EvaluateConfig config = config("MMStar", table, "limit = 5", "numVisionTokens = [4]");
    assertThatThrownBy(() -> evaluation(config, Map.of()).run(config.benchmarksToAsk().get(0)))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("no answers")
        .hasMessageContaining("DEV instead of TEST");
  }

  @Test
  void aJudgeScoresWhatRulesCannotAndItsKeyIsWrittenNowhere() throws IOException {
    Path file = TABLES.resolve("mmvet.tsv");
    List<String> authorizations = new ArrayList<>();
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/v1/chat/completions",
        exchange -> {
          authorizations.add(exchange.getRequestHeaders().getFirst("Authorization"));
          byte[] reply =
              "{\"choices\":[{\"message\":{\"content\":\"0.5\"}}]}"
                  .getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(200, reply.length);
          exchange.getResponseBody().write(reply);
          exchange.close();
        });
    server.start();
    try {
      String url = "http://127.0.0.1:" + server.getAddress().getPort() + "/v1/chat/completions";
      EvaluateConfig without = config("MMVet", file, "style = llava", "numVisionTokens = [4]");
      EvaluateConfig with =
          config(
              "MMVet",
              file,
              "style = llava",
              "numVisionTokens = [4]",
              "judge { url = \"" + url + "\", model = j, keyVariable = JUDGE_KEY }");
      BenchmarkSettings settings = with.benchmarksToAsk().get(0);
      learn(read(settings, file), expected(file));
      assertThatThrownBy(() -> evaluation(with, Map.of())).hasMessageContaining("no such variable");

      BenchmarkSummary unjudged = evaluation(without, Map.of()).run(settings).summary();
      BenchmarkSummary judged =
          evaluation(with, Map.of("JUDGE_KEY", "s3cret")).run(settings).summary();

      assertThat(unjudged.counts().get(0).unscoredShare()).isEqualTo(1);
      assertThat(unjudged.counts().get(0).value()).isNaN();
      assertThat(judged.counts().get(0).unscoredShare()).isZero();
      assertThat(judged.counts().get(0).value()).isEqualTo(50);
      assertThat(authorizations).isNotEmpty().containsOnly("Bearer s3cret");
      int asked = authorizations.size();
      evaluation(with, Map.of("JUDGE_KEY", "s3cret")).run(settings);
      assertThat(authorizations).as("replies are kept").hasSize(asked);
      assertThat(filesThatHold("s3cret")).isEmpty();
    } finally {
      server.stop(0);
    }
  }

  @Test
  void anUnknownNameIsRefusedWithTheNearest() {
    assertThatThrownBy(() -> config("MathVisat", Path.of("t.tsv"), "limit = 1"))
        .isInstanceOf(InvalidConfigException.class)
        .hasMessageContaining("did you mean MathVista?");
    assertThatThrownBy(() -> config("MMStar", Path.of("t.tsv"), "choiceRule = 2024-01"))
        .hasMessageContaining("choiceRule is '2024-01'");
    assertThatThrownBy(() -> EvaluateConfigs.of("judge { url = \"judge:8000\", model = j }"))
        .hasMessageContaining("judge.url is 'judge:8000'; expected an address");
    assertThatThrownBy(() -> EvaluateConfigs.of("heldout = false"))
        .hasMessageContaining("nothing to ask");
  }

  private List<Path> filesThatHold(String text) throws IOException {
    List<Path> found = new ArrayList<>();
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        if (new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1).contains(text)) {
          found.add(file);
        }
      }
    }
    return found;
  }

  private static EvaluateConfig config(
      String name, Path table, String options, String... settings) {
    List<String> all = new ArrayList<>(List.of(settings));
    all.add("benchmarks = [{ name = %s, data = \"%s\", %s }]".formatted(name, table, options));
    return EvaluateConfigs.of(all.toArray(String[]::new));
  }

  private EvaluateJob.Model model() {
    return new EvaluateJob.Model(
        folder.resolve("model").toString(), BenchmarkEvaluationTest::recorded);
  }

  private BenchmarkEvaluation evaluation(EvaluateConfig config, Map<String, String> environment)
      throws IOException {
    return new BenchmarkEvaluation(spark, config, model(), run, environment);
  }

  private static JsonNode expected(Path table) throws IOException {
    String name = table.getFileName().toString().replace(".tsv", ".expected.json");
    return new ObjectMapper().readTree(table.resolveSibling(name).toFile());
  }

  private static BenchmarkTable read(BenchmarkSettings settings, Path file) throws IOException {
    try (Reader in = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
      return BenchmarkTable.read(
          Benchmark.named(settings.name()), in, file.toString(), settings.cellReading());
    }
  }

  /** Tells the model its answers in any style of prompts. */
  private Map<String, String> learn(BenchmarkTable table, JsonNode expected) throws IOException {
    Map<String, String> predictions = new HashMap<>();
    expected
        .get("rows")
        .forEach(row -> predictions.put(row.get("index").asText(), row.get("prediction").asText()));
    assertThat(predictions)
        .containsKeys(table.rows().stream().map(BenchmarkRow::index).toArray(String[]::new));
    for (PromptStyle style : PromptStyle.values()) {
      BenchmarkRows rows =
          new BenchmarkRows(JavaSparkContext.fromSparkContext(spark.sparkContext()), table, style);
      Set<Integer> groups =
          IntStream.range(0, rows.numGroups()).boxed().collect(Collectors.toSet());
      try (RowSource.Rows opened = rows.reader(groups).open(new Configuration())) {
        for (int group : groups) {
          for (PromptRow row : opened.read(group)) {
            RECORDED.put(key(row.prompt().orElseThrow()), predictions.get(row.id()));
          }
        }
      }
    }
    return predictions;
  }
}
