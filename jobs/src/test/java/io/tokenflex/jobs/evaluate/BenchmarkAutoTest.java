package io.tokenflex.jobs.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import io.tokenflex.adaptive.Calibration;
import io.tokenflex.benchmark.BenchmarkTable;
import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.generate.Answer;
import io.tokenflex.generate.Answer.Cost;
import io.tokenflex.generate.FinishReason;
import io.tokenflex.jobs.answers.AnswerModel;
import io.tokenflex.jobs.answers.PlayedModel;
import io.tokenflex.jobs.answers.Slice;
import io.tokenflex.jobs.config.BenchmarkSettings;
import io.tokenflex.jobs.config.EvaluateConfig;
import io.tokenflex.jobs.testing.Calibrations;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.Test;

/** Benchmarks asked at numbers of vision tokens that the model chooses. */
class BenchmarkAutoTest extends RecordedBenchmarks {
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
        BenchmarkAutoTest::choosing,
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
}
