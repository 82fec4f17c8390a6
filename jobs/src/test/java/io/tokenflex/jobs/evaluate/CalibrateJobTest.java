package io.tokenflex.jobs.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import io.tokenflex.adaptive.Calibration;
import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.generate.Answer;
import io.tokenflex.generate.Answer.Confidence;
import io.tokenflex.generate.Answer.Cost;
import io.tokenflex.generate.FinishReason;
import io.tokenflex.generate.Prompt;
import io.tokenflex.jobs.answers.AnswerModel;
import io.tokenflex.jobs.answers.PlayedModel;
import io.tokenflex.jobs.answers.Slice;
import io.tokenflex.jobs.config.CalibrateConfig;
import io.tokenflex.jobs.config.EvaluateConfig;
import io.tokenflex.jobs.run.ModelFolder;
import io.tokenflex.jobs.run.RunFolder;
import io.tokenflex.jobs.testing.SparkForTests;
import io.tokenflex.samples.EncodedImage;
import io.tokenflex.samples.Role;
import io.tokenflex.samples.Sample;
import io.tokenflex.samples.Turn;
import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A model that reads print from 144 tokens on, is unsure of it below, and knows colours. */
class CalibrateJobTest {
  private static final EvaluateConfig CONFIG =
      EvaluateConfigs.of("numVisionTokens = [64, 144]", "batchSize = 8");
  private static final CalibrateConfig CALIBRATE =
      new CalibrateConfig(
          Optional.empty(), 0.01, Optional.empty(), CalibrateConfig.Cost.TOKENS, Optional.empty());

  private final SparkSession spark = SparkForTests.session();

  @TempDir Path folder;

  @BeforeEach
  void writeModel() throws IOException {
    Files.createDirectories(folder.resolve("model"));
    Files.writeString(folder.resolve("model/weights"), "some");
  }

  private static AnswerModel reader(Path modelFolder, Device device) {
    return new PlayedModel(modelFolder, CalibrateJobTest::answer);
  }

  private static Answer answer(Prompt prompt, int count) {
    int asked = count == Slice.AUTO ? (isPrint(prompt) ? 144 : 64) : count;
    boolean reads = !isPrint(prompt) || asked >= 144;
    String question = prompt.question().text();
    double sureness = reads ? -0.01 : -2;
    int tried = count == Slice.AUTO && asked == 144 ? 64 + 144 : asked;
    return new Answer(
        reads ? question.substring(question.indexOf(": ") + 2) : "?",
        2,
        FinishReason.END_TOKEN,
        new Confidence(sureness, sureness, Math.exp(sureness)),
        new Cost(asked, tried, 1000L * tried));
  }

  private static boolean isPrint(Prompt prompt) {
    return prompt.question().text().contains("print");
  }

  private static Answer describe(Prompt prompt, int count) {
    return new Answer(FeatureModel.text(new float[] {isPrint(prompt) ? 1 : 0, 0.5f}), 0);
  }

  private Calibration calibrate(HeldoutData data) throws IOException {
    return CalibrateJob.run(
        spark,
        CONFIG,
        CALIBRATE,
        new CalibrateJob.Subject(
            data,
            List.of(64, 144),
            folder.resolve("model").toString(),
            CalibrateJobTest::reader,
            new OtherLoader(CalibrateJobTest::describe, "features")),
        RunFolder.of(folder.toString(), new Configuration()));
  }

  private EvaluationSummary evaluate(HeldoutData data, Calibration calibration) throws IOException {
    EvaluateJob.Model model =
        new EvaluateJob.Model(
            folder.resolve("model").toString(),
            CalibrateJobTest::reader,
            List.of(64),
            Optional.of(
                new EvaluateJob.Auto(
                    calibration, new OtherLoader(CalibrateJobTest::answer, "auto"))),
            List.of());
    return EvaluateJob.run(
            spark,
            CONFIG,
            Optional.of(data),
            model,
            RunFolder.of(folder.toString(), new Configuration()),
            EvaluateJob.FOLDER)
        .heldout()
        .orElseThrow();
  }

  /** What a played model answers; sent to executors. */
  @FunctionalInterface
  private interface Play extends Serializable {
    Answer answer(Prompt prompt, int count);
  }

  private record OtherLoader(Play play, String variant) implements AnswerModel.Loader {
    @Override
    public AnswerModel load(Path modelFolder, Device device) {
      return new PlayedModel(modelFolder, play::answer);
    }
  }

  @Test
  void theTowerIsTakenFromEveryCountAndLeavesATenth() {
    assertThat(CalibrateJob.withoutTower(List.of(0.5, 0.25, 1.0), 0.125))
        .containsExactly(0.375, 0.125, 0.875);
    assertThat(CalibrateJob.withoutTower(List.of(0.5, 1.0), 2)).containsExactly(0.05, 0.1);
  }

  @Test
  void whatIsUnsureGoesUpAndTheCalibrationKnowsItsModelAndPictures() throws IOException {
    Calibration calibration = calibrate(hadoop -> new ListSource(samples("c", 20)));

    assertThat(calibration.source().model())
        .isEqualTo(
            ModelFolder.of(folder.resolve("model").toString(), new Configuration()).digest());
    assertThat(calibration.source().pictures()).hasSize(20).contains("sha-c-0");
    assertThat(calibration.numRows()).isEqualTo(40);
    assertThat(calibration.cascade().counts()).containsExactly(64, 144);
    assertThat(calibration.cascadePoint().meanVisionTokens()).isEqualTo((64 + 64 + 144) / 2.0);
    assertThat(calibration.selectorPoint().meanVisionTokens()).isEqualTo((64 + 144) / 2.0);
    assertThat(calibration.method()).as("cheaper").isEqualTo(Calibration.Method.SELECTOR);
    assertThat(CalibrateJob.toTable(calibration))
        .contains("40 questions", "50.0% at 64", "selector is the default");
    // a source in memory is another one every time
    assertThat(calibrate(hadoop -> new ListSource(samples("c", 20))))
        .usingRecursiveComparison()
        .ignoringFields("source.data")
        .isEqualTo(calibration);
  }

  @Test
  void theSummaryComparesWhatWasChosenWithTheLargestCount() throws IOException {
    Calibration calibration = calibrate(hadoop -> new ListSource(samples("c", 20)));
    EvaluationSummary summary = evaluate(hadoop -> new ListSource(samples("h", 12)), calibration);

    AutoResult auto = summary.auto().get(0);
    assertThat(auto.accuracy()).isEqualTo(1);
    assertThat(auto.comparedWith()).isEqualTo(144);
    assertThat(auto.difference()).isZero();
    assertThat(auto.meanVisionTokens()).isEqualTo((64 + 64 + 144) / 2.0);
    assertThat(auto.prefillFlops()).isCloseTo(136_000, within(1e-6));
    assertThat(auto.comparedFlops()).isCloseTo(144_000, within(1e-6));
    assertThat(auto.shares()).containsOnlyKeys(64, 144);
    assertThat(auto.shares().get(64)).isCloseTo(0.5, within(1e-9));
    assertThat(summary.counts()).extracting("offCount").containsExactly(false, true);
    assertThat(summary.toTable())
        .contains("64 tok", "144 off", "auto (selector): 100.0%, +0.00 points to 144 tokens");
    RunFolder run = RunFolder.of(folder.toString(), new Configuration());
    assertThat(EvaluateJob.readSummary(run)).contains(summary);
  }

  @Test
  void picturesThatWereCalibratedOnAreNotEvaluated() throws IOException {
    Calibration calibration = calibrate(hadoop -> new ListSource(samples("c", 20)));
    assertThatThrownBy(() -> evaluate(hadoop -> new ListSource(mixed()), calibration))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("made on 2 of the pictures that are evaluated");
  }

  private static List<Sample> mixed() {
    List<Sample> mixed = new ArrayList<>(samples("h", 12));
    mixed.addAll(samples("c", 2));
    return mixed;
  }

  private static List<Sample> samples(String name, int pictures) {
    List<Sample> samples = new ArrayList<>();
    for (int i = 0; i < pictures; i++) {
      EncodedImage image = new EncodedImage(new byte[] {(byte) i}, 4, 4, "sha-" + name + "-" + i);
      for (String kind : List.of("colour", "print")) {
        List<Turn> turns =
            List.of(
                new Turn(Role.USER, "<image>\n" + kind + ": " + i),
                new Turn(Role.ASSISTANT, Integer.toString(i)));
        samples.add(
            new Sample(name + i + kind, List.of(image), turns, "test", Map.of("kind", kind)));
      }
    }
    return samples;
  }
}
