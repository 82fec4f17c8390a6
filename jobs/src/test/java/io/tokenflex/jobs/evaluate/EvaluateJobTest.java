package io.tokenflex.jobs.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.generate.Answer;
import io.tokenflex.generate.Answer.Cost;
import io.tokenflex.generate.FinishReason;
import io.tokenflex.jobs.answers.AnswerModel;
import io.tokenflex.jobs.answers.PlayedModel;
import io.tokenflex.jobs.config.EvaluateConfig;
import io.tokenflex.jobs.evaluate.EvaluationSummary.KindResult;
import io.tokenflex.jobs.run.RunFolder;
import io.tokenflex.jobs.testing.SparkForTests;
import io.tokenflex.samples.EncodedImage;
import io.tokenflex.samples.Role;
import io.tokenflex.samples.Sample;
import io.tokenflex.samples.Turn;
import io.tokenflex.score.Score;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EvaluateJobTest {
  @TempDir Path folder;

  private static final EvaluateConfig CONFIG =
      EvaluateConfigs.of("numVisionTokens = [144, 64]", "batchSize = 4", "detailKey = printSize");

  /** Knows colours at any count; reads print only from 144 tokens on. */
  private static AnswerModel colourExpert(Path modelFolder, Device device) {
    return new PlayedModel(
        modelFolder,
        (prompt, numVisionTokens) -> {
          String question = prompt.question().text();
          boolean knows = question.contains("colour") || numVisionTokens >= 144;
          String expected = question.substring(question.indexOf(": ") + 2);
          return new Answer(knows ? " " + expected + "\n" : "?", 2);
        });
  }

  @Test
  void everyQuestionIsAnsweredAtEveryCountInTheOrderOfTheData() throws IOException {
    EvaluationSummary summary = evaluate(hadoop -> new ListSource(samples()));

    List<Row> rows =
        SparkForTests.session()
            .read()
            .parquet(folder.resolve(EvaluateJob.PREDICTIONS).toString())
            .collectAsList();
    assertThat(rows).hasSize(2 * 12);
    List<String> ids = rows.stream().map(row -> row.<String>getAs("id")).toList();
    assertThat(ids).isSorted().startsWith("s00", "s00", "s00", "s00", "s01").endsWith("s05");
    assertThat(rows).extracting(row -> row.<String>getAs("precision")).containsOnly("fp32");
    assertThat(summary.numQuestions()).isEqualTo(12);
    assertThat(summary.precision()).isEqualTo("fp32");
    assertThat(storedSummary()).isEqualTo(summary);
  }

  @Test
  void accuracyIsPerKindDetailAndCountBesideTheChanceOfTheCommonestAnswer() throws IOException {
    EvaluationSummary summary = evaluate(hadoop -> new ListSource(samples()));

    assertThat(summary.counts()).extracting("numVisionTokens").containsExactly(64, 144);
    assertThat(summary.counts().get(0).interval().low()).isBetween(0.3, 0.5);
    assertThat(summary.comparisons()).hasSize(1);
    assertThat(summary.comparisons().get(0).difference()).isEqualTo(0.5);
    assertThat(summary.kinds())
        .containsExactly(
            new KindResult("colour", "", 6, 2, "red", 4 / 6.0, List.of(1.0, 1.0)),
            new KindResult("print", "", 6, 6, "number 0", 1 / 6.0, List.of(0.0, 1.0)),
            new KindResult("print", "8", 3, 3, "number 1", 1 / 3.0, List.of(0.0, 1.0)),
            new KindResult("print", "16", 3, 3, "number 0", 1 / 3.0, List.of(0.0, 1.0)));
    assertThat(summary.toTable()).contains("print 16").contains("66.7%").contains("144 tok");
  }

  /** Every question of a batch waits for all of it, but costs its share only. */
  @Test
  void anAnswerCostsItsShareOfTheBatchThatItWasDecodedIn() {
    EvaluationSummary summary =
        EvaluationSummary.of(
            "model",
            4,
            "text",
            List.of(played("a", 4, 2.0), played("b", 4, 2.0), played("c", 1, 0.5)),
            List.of());
    // 2/4 + 2/4 + 0.5/1 seconds for three answers of three tokens each
    assertThat(summary.counts().get(0).secondsPerAnswer()).isEqualTo(0.5);
    assertThat(summary.counts().get(0).tokensPerSecond()).isEqualTo(6.0);
    assertThat(summary.counts().get(0).latencyMedianSeconds()).isEqualTo(2.0);
  }

  /** Of the six print questions the greedy model reads none at 64 tokens. */
  @Test
  void theOracleStandsBesideAsManyDrawnAnswers() throws IOException {
    SparkSession spark = SparkForTests.session();
    Files.createDirectories(folder.resolve("model"));
    Files.writeString(folder.resolve("model/weights"), "some");
    List<AnswerModel.Loader> repeats =
        List.of(new DrawnLoader("number 1"), new DrawnLoader("number 2"));
    EvaluateJob.Result result =
        EvaluateJob.run(
            spark,
            EvaluateConfigs.of(
                "numVisionTokens = [144, 64]", "batchSize = 4", "repeatTemperature = 0.5"),
            Optional.of(hadoop -> new ListSource(samples())),
            new EvaluateJob.Model(
                folder.resolve("model").toString(),
                EvaluateJobTest::colourExpert,
                List.of(),
                Optional.empty(),
                repeats),
            RunFolder.of(folder.toString(), spark.sparkContext().hadoopConfiguration()),
            EvaluateJob.FOLDER);

    EvaluationSummary summary = result.heldout().orElseThrow();
    // either repeat is right once in twelve questions
    assertThat(summary.oracle()).containsExactly(new OracleResult(1, 2, 144, 0.5, 2 / 12.0));
    assertThat(result.toLines())
        .anyMatch(line -> line.startsWith("oracle: 100.0% at the best of 2 counts; 16.7%"));
    assertThat(summary.toTable())
        .contains("oracle: 100.0% at the best of 2 counts; 16.7% by the best of 2 answers drawn");
    assertThat(storedSummary()).isEqualTo(summary);
  }

  /** Always draws the same answer. */
  private record DrawnLoader(String variant) implements AnswerModel.Loader {
    @Override
    public AnswerModel load(Path modelFolder, Device device) {
      return new PlayedModel(
          modelFolder,
          (prompt, count) ->
              new Answer(
                  variant,
                  2,
                  FinishReason.END_TOKEN,
                  Answer.Confidence.CERTAIN,
                  new Cost(count, count, 0)));
    }
  }

  private static Prediction played(String id, int batchSize, double batchSeconds) {
    return new Prediction(
        id,
        0,
        "kind",
        "",
        "?",
        "yes",
        "yes",
        "sha",
        64,
        3,
        batchSize,
        batchSeconds,
        "fp32",
        "",
        Score.of(true, "yes"),
        Cost.UNKNOWN);
  }

  @Test
  void whatCannotBeComparedIsCountedNamedAndTooMuchOfItFails() throws IOException {
    assertThatThrownBy(() -> evaluate(hadoop -> new ListSource(redOnes())))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("2 of 20 answers count as wrong")
        .hasMessageContaining("s3#0: references has the type number at place 0: [1]")
        .hasMessageContaining("maxBrokenFraction = 0.05 allows");

    EvaluationSummary summary =
        evaluate(
                EvaluateConfigs.of("numVisionTokens = [144, 64]", "maxBrokenFraction = 0.1"),
                hadoop -> new ListSource(redOnes()))
            .heldout()
            .orElseThrow();
    assertThat(summary.numBroken()).isEqualTo(2);
    assertThat(summary.counts().get(0).accuracy()).isEqualTo(0.9);
  }

  @Test
  void referencesOfASampleWithTwoQuestionsAreNobodys() throws IOException {
    assertThatThrownBy(() -> evaluate(hadoop -> new ListSource(List.of(twoQuestions()))))
        .hasMessageContaining("references belong to one question, but the sample has 2");
  }

  @Test
  void dataWithoutQuestionsIsRefused() {
    assertThatThrownBy(() -> evaluate(hadoop -> new ListSource(List.of(statement()))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("No predictions: the held-out data holds no question");
  }

  @Test
  void aSummaryFromBeforePrecisionWasStoredIsRead() throws IOException {
    RunFolder run = RunFolder.of(folder.toString(), new Configuration());
    run.writeText(
        EvaluateJob.SUMMARY,
        "{\"model\": \"m\", \"numQuestions\": 3, \"batchSize\": 1, \"counts\": [], \"kinds\": []}");

    assertThat(EvaluateJob.readSummary(run).orElseThrow().precision()).isEmpty();
  }

  @Test
  void percentilesAreNearestRanks() {
    double[] seconds = {1, 2, 3, 4};
    assertThat(EvaluationSummary.percentile(seconds, 0.5)).isEqualTo(2);
    assertThat(EvaluationSummary.percentile(seconds, 0.95)).isEqualTo(4);
  }

  private EvaluationSummary evaluate(HeldoutData heldout) throws IOException {
    return evaluate(CONFIG, heldout).heldout().orElseThrow();
  }

  private EvaluateJob.Result evaluate(EvaluateConfig config, HeldoutData heldout)
      throws IOException {
    SparkSession spark = SparkForTests.session();
    Files.createDirectories(folder.resolve("model"));
    Files.writeString(folder.resolve("model/weights"), "some");
    return EvaluateJob.run(
        spark,
        config,
        Optional.of(heldout),
        new EvaluateJob.Model(folder.resolve("model").toString(), EvaluateJobTest::colourExpert),
        RunFolder.of(folder.toString(), spark.sparkContext().hadoopConfiguration()),
        EvaluateJob.FOLDER);
  }

  private EvaluationSummary storedSummary() throws IOException {
    RunFolder run = RunFolder.of(folder.toString(), new Configuration());
    return new ObjectMapper().readValue(run.readText(EvaluateJob.SUMMARY), EvaluationSummary.class);
  }

  private static Sample statement() {
    return new Sample("s", List.of(), List.of(new Turn(Role.ASSISTANT, "hello")), "test", Map.of());
  }

  /** Of ten samples with accepted answers one has a number among them. */
  private static List<Sample> redOnes() {
    List<Sample> samples = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      EncodedImage image = new EncodedImage(new byte[] {(byte) i}, 4, 4, "sha-" + i);
      Map<String, String> metadata =
          i == 3 ? Map.of("references", "[1]") : Map.of("references", "[\"red\"]");
      Turn asked = new Turn(Role.USER, "<image>\nWhich colour: red");
      List<Turn> turns = List.of(asked, new Turn(Role.ASSISTANT, "crimson"));
      samples.add(new Sample("s" + i, List.of(image), turns, "test", metadata));
    }
    return samples;
  }

  private static Sample twoQuestions() {
    EncodedImage image = new EncodedImage(new byte[1], 4, 4, "sha");
    Map<String, String> metadata = Map.of("references", "[\"red\"]");
    List<Turn> turns =
        List.of(
            new Turn(Role.USER, "<image>\ncolour: red"),
            new Turn(Role.ASSISTANT, "red"),
            new Turn(Role.USER, "colour: blue"),
            new Turn(Role.ASSISTANT, "blue"));
    return new Sample("two", List.of(image), turns, "test", metadata);
  }

  /** Six pictures with a print question, each followed by the colour question of the same kind. */
  private static List<Sample> samples() {
    List<Sample> samples = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      EncodedImage image = new EncodedImage(new byte[] {(byte) i}, 4, 4, "sha-" + i);
      samples.add(sample("s0" + i, image, Map.of("kind", "colour"), i < 4 ? "Red" : "blue"));
      Map<String, String> metadata = Map.of("kind", "print", "printSize", i % 2 == 0 ? "16" : "8");
      samples.add(sample("s0" + i, image, metadata, "number " + i));
    }
    return samples;
  }

  private static Sample sample(
      String id, EncodedImage image, Map<String, String> metadata, String answer) {
    return new Sample(
        id,
        List.of(image),
        List.of(
            new Turn(Role.USER, "<image>\n" + metadata.get("kind") + ": " + answer),
            new Turn(Role.ASSISTANT, answer)),
        "test",
        metadata);
  }
}
