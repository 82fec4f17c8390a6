package io.tokenflex.jobs.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tokenflex.benchmark.Benchmark;
import io.tokenflex.benchmark.BenchmarkRow;
import io.tokenflex.benchmark.BenchmarkTable;
import io.tokenflex.benchmark.PromptStyle;
import io.tokenflex.generate.Answer;
import io.tokenflex.generate.Prompt;
import io.tokenflex.jobs.answers.AnswerModel;
import io.tokenflex.jobs.answers.PlayedModel;
import io.tokenflex.jobs.answers.PromptRow;
import io.tokenflex.jobs.answers.RowSource;
import io.tokenflex.jobs.config.BenchmarkSettings;
import io.tokenflex.jobs.config.EvaluateConfig;
import io.tokenflex.jobs.run.RunFolder;
import io.tokenflex.jobs.testing.SparkForTests;
import io.tokenflex.samples.EncodedImage;
import io.tokenflex.samples.Sample;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** Small tables in the formats of the public benchmarks; the model says what a file recorded. */
abstract class RecordedBenchmarks {
  static final Path TABLES =
      Path.of(
          System.getProperty(
              "tokenflex.evaluation.tables",
              Path.of("..", "core", "src", "test", "resources", "evaluation", "tables")
                  .toString()));

  /** What the model answers to a prompt. */
  static final Map<String, String> RECORDED = new ConcurrentHashMap<>();

  @TempDir Path folder;
  SparkSession spark;
  RunFolder run;

  @BeforeEach
  final void open() throws IOException {
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

  static String key(Prompt prompt) {
    return prompt.question().text()
        + prompt.images().stream().map(EncodedImage::sha256).collect(Collectors.joining(" "));
  }

  static EvaluateConfig config(String name, Path table, String options, String... settings) {
    List<String> all = new ArrayList<>(List.of(settings));
    all.add("benchmarks = [{ name = %s, data = \"%s\", %s }]".formatted(name, table, options));
    return EvaluateConfigs.of(all.toArray(String[]::new));
  }

  final EvaluateJob.Model model() {
    return new EvaluateJob.Model(folder.resolve("model").toString(), RecordedBenchmarks::recorded);
  }

  final BenchmarkEvaluation evaluation(EvaluateConfig config, Map<String, String> environment)
      throws IOException {
    return new BenchmarkEvaluation(spark, config, model(), run, environment);
  }

  static JsonNode expected(Path table) throws IOException {
    String name = table.getFileName().toString().replace(".tsv", ".expected.json");
    return new ObjectMapper().readTree(table.resolveSibling(name).toFile());
  }

  static BenchmarkTable read(BenchmarkSettings settings, Path file) throws IOException {
    try (Reader in = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
      return BenchmarkTable.read(
          Benchmark.named(settings.name()), in, file.toString(), settings.cellReading());
    }
  }

  /** Tells the model its answers in any style of prompts. */
  final Map<String, String> learn(BenchmarkTable table, JsonNode expected) throws IOException {
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
