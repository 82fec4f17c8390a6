package io.tokenflex.jobs.pages.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import io.tokenflex.dataprep.prepare.DatasetPreparation;
import io.tokenflex.dataprep.prepare.PrepareConfig;
import io.tokenflex.dataprep.shard.ParquetSampleSource;
import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.generate.Answer;
import io.tokenflex.jobs.answers.AnswerModel;
import io.tokenflex.jobs.answers.PlayedModel;
import io.tokenflex.jobs.config.RunConfig;
import io.tokenflex.jobs.evaluate.EvaluateJob;
import io.tokenflex.jobs.metrics.MetricsFile;
import io.tokenflex.jobs.run.CommandLog;
import io.tokenflex.jobs.run.Machine;
import io.tokenflex.jobs.run.RunFolder;
import io.tokenflex.jobs.run.TrainingEnvironment;
import io.tokenflex.jobs.scenes.SampleDatasetConfig;
import io.tokenflex.jobs.scenes.SampleDatasetGenerator;
import io.tokenflex.jobs.testing.SparkForTests;
import io.tokenflex.samples.EncodedImage;
import io.tokenflex.samples.Sample;
import io.tokenflex.samples.SampleSource;
import io.tokenflex.samples.Turn;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The report over real shards and a real evaluation; only the model is played. */
class ReportJobTest {
  /** Spark takes such a name for a pattern unless it is told otherwise. */
  private static final String RUN = "run {a,b} [0-9] *";

  @TempDir Path folder;
  private SparkSession spark;
  private RunConfig.Loaded loaded;
  private RunFolder run;

  /** What is expected to a question about a picture, and whether it is about print. */
  private record Known(String expected, boolean isPrint) {}

  private static final Map<String, Known> KNOWN = new ConcurrentHashMap<>();

  /** Reads print at 144 tokens and more, everything else always. */
  private static AnswerModel reader(Path modelFolder, Device device) {
    return new PlayedModel(
        modelFolder,
        (prompt, numVisionTokens) -> {
          Known known = KNOWN.get(key(prompt.images(), prompt.question()));
          boolean reads = !known.isPrint() || numVisionTokens >= 144;
          return new Answer(reads ? known.expected() : "blurred", 3);
        });
  }

  private static String key(List<EncodedImage> images, Turn question) {
    return images.get(0).sha256() + question.text().replace("<image>", "").strip();
  }

  private void learn(String heldout) throws IOException {
    try (SampleSource source =
        ParquetSampleSource.open(heldout, spark.sparkContext().hadoopConfiguration())) {
      for (int group = 0; group < source.numRowGroups(); group++) {
        for (Sample sample : source.readRowGroup(group)) {
          List<Turn> turns = sample.conversation();
          boolean isPrint = sample.metadata().get("kind").endsWith("print");
          for (int i = 1; i < turns.size(); i++) {
            KNOWN.put(
                key(sample.images(), turns.get(i - 1)), new Known(turns.get(i).text(), isPrint));
          }
        }
      }
    }
  }

  @BeforeEach
  void openRun() throws IOException {
    spark = SparkForTests.session();
    loaded =
        RunConfig.loadResource(
            "conf/quickstart.conf",
            List.of(
                "run.dir=\"" + folder.resolve(RUN) + "\"",
                "data.train=" + folder.resolve("run/data/train"),
                "data.heldout=" + folder.resolve("run/data/heldout"),
                "evaluate.numVisionTokens=[64, 144, 256]"));
    run = RunFolder.of(loaded.config().run().dir(), spark.sparkContext().hadoopConfiguration());
  }

  @Test
  void aRunIsToldFromItsDataToItsAnswers() throws IOException {
    prepare();
    evaluate();
    run.writeText(
        MetricsFile.NAME,
        "{\"step\":1,\"numVisionTokens\":64,\"loss\":2.5,\"samples\":32,\"stepSeconds\":0.5}\n");

    String page = report();

    assertThat(page)
        .contains("accuracy, 144 tokens", "image missing", "duplicate id", "blurred")
        .contains("data:image/png;base64,")
        .contains(loaded.digest())
        .doesNotContain("class=\"missing\"");
  }

  @Test
  void anEvaluatedRunInTheFolderFixedStandsBesideTheRun() throws IOException {
    prepare();
    evaluate();
    RunFolder fixed =
        RunFolder.of(run.pathOf(ReportJob.FIXED), spark.sparkContext().hadoopConfiguration());
    assertThat(report()).doesNotContain("fixed count");
    fixed.writeText(EvaluateJob.SUMMARY, run.readText(EvaluateJob.SUMMARY));
    assertThat(report()).contains("with a fixed count");
    fixed.writeText(
        MetricsFile.NAME,
        "{\"step\":1,\"numVisionTokens\":256,\"loss\":2.5,\"samples\":32,\"stepSeconds\":0.5}\n");

    assertThat(report()).contains("trained with 256 tokens only", "<small>never trained</small>");
  }

  @Test
  void thePageTellsWhichCommandTrainedOnWhichMachineInWhichPrecision() throws IOException {
    Machine machine = new Machine("A processor", 3, 8_000_000_000L, true);
    new TrainingEnvironment("BF16", List.of(machine, machine)).write(run);
    CommandLog.begin(run, "train", List.of("train", "--conf", "my.conf")).end();
    CommandLog.begin(run, "train", List.of("train", "--conf", "refused.conf"));
    CommandLog.begin(run, "report", List.of("report", "--conf", "my.conf"));
    run.writeText(
        MetricsFile.NAME,
        "{\"step\":40,\"numVisionTokens\":64,\"loss\":2.5,\"samples\":32,\"stepSeconds\":0.5,"
            + "\"time\":\"2026-11-29T01:50:00Z\"}\n");

    assertThat(report())
        .contains("<p class=\"byline\"><code>./tokenflex train --conf my.conf</code></p>")
        .contains("Trained until 2026-11-29 01:50 UTC: 40 steps in 20 s, 64.0 samples/s in bf16")
        .contains("2 ranks on A processor.", "A processor, 3 cores, multiplies bf16, 8 GB");
  }

  @Test
  void aRunWithoutTrainingAndEvaluationSaysSo() throws IOException {
    prepare();

    assertThat(report())
        .contains("No training metrics yet.", "No evaluation yet.", "image missing");
  }

  @Test
  void aRunWithoutAnythingStillHasAPage() throws IOException {
    assertThat(report()).contains("No prepared data found.");
  }

  private void prepare() throws IOException {
    RunConfig config = loaded.config();
    new SampleDatasetGenerator(SampleDatasetConfig.ofSize(40, 4, 1))
        .generate(folder.resolve("run/sample"));
    RunConfig lenient =
        RunConfig.loadResource(
                "conf/quickstart.conf",
                List.of("run.dir=" + folder.resolve("run"), "prepare.maxRejectFraction=0.5"))
            .config();
    Configuration hadoop = spark.sparkContext().hadoopConfiguration();
    for (PrepareConfig dataset : lenient.prepare().all(config.run(), config.data(), hadoop)) {
      DatasetPreparation.prepare(spark, dataset);
    }
  }

  @Test
  void anotherRunStandsBesideThisOneWithItsAnswersToTheSameQuestions() throws IOException {
    prepare();
    evaluate();
    String other = folder.resolve("other [1]").toString();
    evaluate(
        RunFolder.of(other, spark.sparkContext().hadoopConfiguration()),
        "other-model",
        (loaded, device) ->
            new PlayedModel(
                loaded,
                (prompt, count) ->
                    new Answer(KNOWN.get(key(prompt.images(), prompt.question())).expected(), 3)));
    run.writeText(
        MetricsFile.NAME,
        "{\"step\":1,\"numVisionTokens\":64,\"loss\":2.5,\"samples\":32,\"stepSeconds\":0.5}\n");

    ReportJob.run(spark, loaded, run, Optional.of(other));
    String page = Files.readString(folder.resolve(RUN).resolve(ReportJob.REPORT));
    assertThat(page)
        .contains("Beside <bdi>", "other [1]</bdi>", "questions that both were asked")
        .containsPattern("<td>64 tokens</td><td>-\\d+\\.\\d points</td>")
        .contains("<td>256 tokens</td><td>+0.0 points</td>");
    assertThat(report()).as("without --beside").doesNotContain("id=\"beside\"");
  }

  @Test
  void aFolderWithoutARunCannotStandBeside() {
    assertThatThrownBy(
            () -> ReportJob.run(spark, loaded, run, Optional.of(folder.resolve("no").toString())))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("--beside is file:" + folder.resolve("no"))
        .hasMessageContaining("expected the run.dir of another run");
  }

  private void evaluate() throws IOException {
    evaluate(run, "model", ReportJobTest::reader);
  }

  /** An executor keeps the model of a folder, so each has a folder of its own. */
  private void evaluate(RunFolder run, String name, AnswerModel.Loader model) throws IOException {
    String heldout = loaded.config().data().heldout();
    learn(heldout);
    Path modelFolder = Files.createDirectories(folder.resolve(name));
    Files.writeString(modelFolder.resolve("weights"), name);
    EvaluateJob.run(
        spark,
        loaded.config().evaluate(),
        Optional.of(hadoop -> ParquetSampleSource.open(heldout, hadoop)),
        new EvaluateJob.Model(modelFolder.toString(), model),
        run,
        EvaluateJob.FOLDER);
  }

  private String report() throws IOException {
    ReportJob.run(spark, loaded, run, Optional.empty());
    return Files.readString(folder.resolve(RUN).resolve(ReportJob.REPORT));
  }
}
