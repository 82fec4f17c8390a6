package io.tokenflex.jobs.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpServer;
import io.tokenflex.benchmark.BenchmarkResult;
import io.tokenflex.benchmark.BenchmarkScoring;
import io.tokenflex.benchmark.BenchmarkTable;
import io.tokenflex.config.InvalidConfigException;
import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.jobs.config.BenchmarkSettings;
import io.tokenflex.jobs.config.EvaluateConfig;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Benchmarks as their rules ask and score them. */
class BenchmarkEvaluationTest extends RecordedBenchmarks {
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
}
