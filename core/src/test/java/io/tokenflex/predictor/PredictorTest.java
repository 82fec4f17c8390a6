package io.tokenflex.predictor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.inference.Predictor;
import ai.djl.ndarray.NDManager;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.ZooModel;
import io.tokenflex.adaptive.AdaptiveGenerator;
import io.tokenflex.adaptive.Calibration;
import io.tokenflex.adaptive.Cascade;
import io.tokenflex.adaptive.ConfidenceMeasure;
import io.tokenflex.adaptive.ModelDigest;
import io.tokenflex.adaptive.OperatingPoint;
import io.tokenflex.adaptive.Selector;
import io.tokenflex.checkpoint.Checkpoints;
import io.tokenflex.distributed.Precision;
import io.tokenflex.distributed.SingleProcessGroup;
import io.tokenflex.generate.Answer;
import io.tokenflex.generate.AnswerStream;
import io.tokenflex.generate.GenerationConfig;
import io.tokenflex.generate.Prompt;
import io.tokenflex.generate.TextGenerator;
import io.tokenflex.generate.TokenListener;
import io.tokenflex.kernels.ComputeType;
import io.tokenflex.model.TokenFlexModel;
import io.tokenflex.statistics.Interval;
import io.tokenflex.storage.LocalStorage;
import io.tokenflex.testing.TinyRun;
import io.tokenflex.testing.TinySamples;
import io.tokenflex.train.Trainer;
import io.tokenflex.train.TrainingListener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A checkpoint through DJL's Predictor. */
class PredictorTest {
  private static final TinySamples SAMPLES = new TinySamples(5, 12);

  @TempDir static Path folder;
  private static Path model;
  private static Path picture;

  @BeforeAll
  static void train() throws IOException, InterruptedException {
    try (NDManager manager = NDManager.newBaseManager("PyTorch");
        TokenFlexModel trained =
            TokenFlexModel.create(manager, TinyRun.model(), ComputeType.FP32)) {
      new Trainer(
              TinyRun.run(TinyRun.config(3, 4, 3), SAMPLES),
              new SingleProcessGroup(),
              new Checkpoints(new LocalStorage(folder), 1),
              new TrainingListener() {})
          .train(trained);
    }
    model = folder.resolve("step-00000003");
    picture = folder.resolve("picture.png");
    byte[] png =
        SAMPLES.readRowGroup(0).stream()
            .flatMap(sample -> sample.images().stream())
            .findFirst()
            .orElseThrow()
            .bytes();
    Files.write(picture, png);
  }

  @Test
  void theExampleAnswersAsTheGeneratorDoes() throws Exception {
    byte[] file = Files.readAllBytes(picture);
    try (TextGenerator generator = TextGenerator.load(model, Device.cpu(), Precision.AUTO)) {
      List<Prompt> prompts =
          List.of(Prompt.of("What shape is it?", file), Prompt.of("What colour is it?", file));
      assertThat(PredictorExample.answers(model, picture))
          .isEqualTo(generator.generate(prompts, 4, 12));
    }
  }

  @Test
  void theExampleIsTheTextOfThePage() throws IOException {
    Path source = Path.of("src/test/java/io/tokenflex/predictor/PredictorExample.java");
    List<String> lines = Files.readAllLines(source);
    int from = indexOf(lines, "// docs: from here");
    int to = indexOf(lines, "// docs: to here");
    String example =
        lines.subList(from + 1, to).stream()
            .map(line -> line.isEmpty() ? line : line.substring(4))
            .collect(Collectors.joining("\n"));
    assertThat(Files.readString(Path.of("../docs/answers.md"))).contains(example);
    assertThat(to - from - 1).isLessThanOrEqualTo(15);
  }

  private static int indexOf(List<String> lines, String text) {
    for (int i = 0; i < lines.size(); i++) {
      if (lines.get(i).strip().equals(text)) {
        return i;
      }
    }
    throw new AssertionError("no line " + text);
  }

  @Test
  void aStreamGivesTheSameAnswerInPiecesAndCanBeLeft() throws Exception {
    Prompt prompt = Prompt.of("Tell me all.", Files.readAllBytes(picture));
    GenerationConfig config = GenerationConfig.greedy(12).withSampling(1, 0.95, 5);
    Answer expected;
    try (TextGenerator generator = TextGenerator.load(model, Device.cpu(), Precision.AUTO)) {
      expected = generator.generate(List.of(prompt), 16, config, TokenListener.NONE).get(0);
    }
    try (ZooModel<Prompt, AnswerStream> zoo =
            VisionCriteria.streams(model)
                .optArgument("numVisionTokens", 16)
                .optArgument("maxNewTokens", "12")
                .optArgument("temperature", 1)
                .optArgument("topP", 0.95)
                .optArgument("seed", 5)
                .build()
                .loadModel();
        Predictor<Prompt, AnswerStream> predictor = zoo.newPredictor()) {
      assertThat(predictor.supportsStreaming()).isTrue();
      try (AnswerStream left = predictor.streamingPredict(prompt).getIterativeOutput()) {
        assertThat(left.hasNext()).isTrue();
      }
      StringBuilder text = new StringBuilder();
      int pieces = 0;
      try (AnswerStream answer = predictor.streamingPredict(prompt).getIterativeOutput()) {
        while (answer.hasNext()) {
          text.append(answer.next());
          pieces++;
        }
        assertThat(answer.answer()).isEqualTo(expected);
      }
      assertThat(text.toString()).isEqualTo(expected.text());
      assertThat(pieces).isGreaterThan(1);
    }
  }

  /** A cascade from 4 to 16 tokens that takes no answer, or every, at 4. */
  private static Calibration calibration(double acceptFrom) throws IOException {
    OperatingPoint point = new OperatingPoint(10, 0, new Interval(0, 0), 0);
    List<Double> weights = Collections.nCopies(8, 0.0);
    return new Calibration(
        Calibration.FORMAT,
        new Calibration.Source(ModelDigest.of(model), "rows", List.of()),
        10,
        0.01,
        List.of(4, 16),
        List.of(),
        Calibration.Method.CASCADE,
        new Cascade(ConfidenceMeasure.MIN_LOG_PROBABILITY, List.of(4, 16), List.of(acceptFrom)),
        point,
        new Selector(
            List.of(new Selector.Level(4, 0, weights), new Selector.Level(16, 1, weights)), 0.1),
        point,
        List.of());
  }

  @ParameterizedTest
  @ValueSource(doubles = {-1e9, 1})
  void autoIsWhatTheCalibrationInTheFolderChooses(double acceptFrom) throws Exception {
    Path file = model.resolve(Calibration.FILE_NAME);
    Prompt prompt = Prompt.of("Tell me all.", Files.readAllBytes(picture));
    Criteria<Prompt, Answer> answers =
        VisionCriteria.answers(model)
            .optArgument("numVisionTokens", "auto")
            .optArgument("maxNewTokens", 8)
            .build();
    assertThatThrownBy(answers::loadModel)
        .hasStackTraceContaining("No calibration " + file)
        .hasStackTraceContaining("run ./tokenflex calibrate --model " + model);
    Calibration calibration = calibration(acceptFrom);
    Files.write(file, calibration.toJson());
    try {
      Answer expected;
      try (TextGenerator generator = TextGenerator.load(model, Device.cpu(), Precision.AUTO)) {
        expected =
            new AdaptiveGenerator(generator, calibration)
                .generate(List.of(prompt), GenerationConfig.greedy(8))
                .get(0);
      }
      assertThat(expected.cost().visionTokensTried()).isEqualTo(acceptFrom < 0 ? 4 : 20);

      try (ZooModel<Prompt, Answer> zoo = answers.loadModel();
          Predictor<Prompt, Answer> predictor = zoo.newPredictor()) {
        assertThat(predictor.predict(prompt)).isEqualTo(expected);
      }
      try (ZooModel<Prompt, AnswerStream> zoo =
              VisionCriteria.streams(model)
                  .optArgument("numVisionTokens", "auto")
                  .optArgument("maxNewTokens", 8)
                  .build()
                  .loadModel();
          Predictor<Prompt, AnswerStream> predictor = zoo.newPredictor();
          AnswerStream stream = predictor.streamingPredict(prompt).getIterativeOutput()) {
        StringBuilder text = new StringBuilder();
        stream.forEachRemaining(text::append);
        assertThat(text.toString()).isEqualTo(expected.text());
        assertThat(stream.answer()).isEqualTo(expected);
      }
    } finally {
      Files.delete(file);
    }
  }

  @Test
  void wrongArgumentsAreRefusedByName() {
    assertThatThrownBy(
            () -> VisionCriteria.answers(model).optArgument("tokens", 4).build().loadModel())
        .hasStackTraceContaining("Unknown arguments [tokens]; known are [maxNewTokens,");
    assertThatThrownBy(
            () ->
                VisionCriteria.answers(model)
                    .optArgument("maxNewTokens", "many")
                    .build()
                    .loadModel())
        .hasStackTraceContaining("maxNewTokens is 'many'; it must be a number");
    assertThatThrownBy(() -> Prompt.of("<image> or <image>?", Files.readAllBytes(picture)))
        .hasMessageContaining("2 <image> marks but there are 1 images");
  }
}
