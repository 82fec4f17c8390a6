package io.tokenflex.adaptive;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import io.tokenflex.adaptive.AdaptiveGenerator.Started;
import io.tokenflex.adaptive.Calibration.Method;
import io.tokenflex.checkpoint.Checkpoints;
import io.tokenflex.distributed.Precision;
import io.tokenflex.distributed.SingleProcessGroup;
import io.tokenflex.generate.Answer;
import io.tokenflex.generate.GenerationConfig;
import io.tokenflex.generate.Prompt;
import io.tokenflex.generate.TextGenerator;
import io.tokenflex.kernels.ComputeType;
import io.tokenflex.model.TokenFlexModel;
import io.tokenflex.samples.Role;
import io.tokenflex.samples.Sample;
import io.tokenflex.samples.Turn;
import io.tokenflex.statistics.Interval;
import io.tokenflex.storage.LocalStorage;
import io.tokenflex.testing.TinyRun;
import io.tokenflex.testing.TinySamples;
import io.tokenflex.train.Trainer;
import io.tokenflex.train.TrainingListener;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Numbers of vision tokens chosen for the prompts of a tiny model. */
class AdaptiveGeneratorTest {
  private static final List<Integer> COUNTS = List.of(1, 4, 16);
  private static final GenerationConfig SHORT = GenerationConfig.greedy(4);
  private static final TinySamples SAMPLES = new TinySamples(6, 14);

  @TempDir static Path folder;
  private static TextGenerator generator;

  @BeforeAll
  static void train() throws IOException, InterruptedException {
    try (NDManager manager = NDManager.newBaseManager("PyTorch");
        TokenFlexModel model = TokenFlexModel.create(manager, TinyRun.model(), ComputeType.FP32)) {
      new Trainer(
              TinyRun.run(TinyRun.config(3, 4, 3), SAMPLES),
              new SingleProcessGroup(),
              new Checkpoints(new LocalStorage(folder), 1),
              new TrainingListener() {})
          .train(model);
    }
    generator = TextGenerator.load(folder.resolve("step-00000003"), Device.cpu(), Precision.AUTO);
  }

  @AfterAll
  static void close() {
    generator.close();
  }

  private static List<Prompt> prompts() {
    List<Prompt> prompts = new ArrayList<>();
    for (Sample sample : SAMPLES.readRowGroup(0)) {
      prompts.add(new Prompt(sample.conversation().subList(0, 1), sample.images()));
    }
    return prompts;
  }

  /** Half of the answers at 1, and of those at 4, are taken; features split prompts likewise. */
  private static Calibration calibration(Method method) {
    List<Double> acceptFrom = new ArrayList<>();
    for (int count : COUNTS.subList(0, 2)) {
      double[] confidences =
          generator.generate(prompts(), count, 4).stream()
              .mapToDouble(answer -> answer.confidence().minLogProbability())
              .sorted()
              .toArray();
      acceptFrom.add(confidences[confidences.length / 2]);
    }
    OperatingPoint point = new OperatingPoint(1, 0, new Interval(0, 0), 0);
    return new Calibration(
        Calibration.FORMAT,
        new Calibration.Source("model", "rows", List.of()),
        1,
        0.01,
        COUNTS,
        List.of(),
        method,
        new Cascade(ConfidenceMeasure.MIN_LOG_PROBABILITY, COUNTS, acceptFrom),
        point,
        selector(),
        point,
        List.of());
  }

  /** The largest count's expected score lies above the others' where a feature is high. */
  private static Selector selector() {
    List<float[]> features =
        prompts().stream()
            .filter(prompt -> !prompt.images().isEmpty())
            .map(generator::pooledFeatures)
            .toList();
    int width = features.get(0).length;
    double[] first = features.stream().mapToDouble(row -> row[0]).sorted().toArray();
    double middle = first[first.length / 2];
    double scale = 4 / (first[first.length - 1] - first[0]);
    List<Double> flat = Collections.nCopies(width, 0.0);
    List<Double> rising = new ArrayList<>(flat);
    rising.set(0, scale);
    return new Selector(
        List.of(
            new Selector.Level(1, 0, flat),
            new Selector.Level(4, 0.2, flat),
            new Selector.Level(16, -scale * middle, rising)),
        0.01);
  }

  @Test
  void neitherCountNorAnswerDependsOnTheBatch() {
    for (Method method : Method.values()) {
      AdaptiveGenerator adaptive = new AdaptiveGenerator(generator, calibration(method));
      List<Prompt> prompts = prompts();
      List<Answer> alone =
          prompts.stream().map(prompt -> adaptive.generate(List.of(prompt), SHORT).get(0)).toList();
      assertThat(alone.stream().map(answer -> answer.cost().numVisionTokens()).distinct())
          .as("counts that %s takes", method)
          .hasSizeGreaterThan(1);

      assertThat(adaptive.generate(prompts, SHORT)).isEqualTo(alone);
      for (int seed = 0; seed < 3; seed++) {
        List<Integer> order = new ArrayList<>(IntStream.range(0, prompts.size()).boxed().toList());
        Collections.shuffle(order, new Random(seed));
        List<Integer> some = order.subList(0, 5 + seed);
        assertThat(adaptive.generate(some.stream().map(prompts::get).toList(), SHORT))
            .as("%s, rows %s", method, some)
            .isEqualTo(some.stream().map(alone::get).toList());
      }
    }
  }

  @Test
  void aCascadesAnswerIsThatOfItsCountAndCostsAllThatWereTried() {
    Calibration calibration = calibration(Method.CASCADE);
    List<Prompt> prompts = prompts();
    List<Answer> answers = new AdaptiveGenerator(generator, calibration).generate(prompts, SHORT);
    for (int i = 0; i < prompts.size(); i++) {
      Answer answer = answers.get(i);
      Prompt prompt = prompts.get(i);
      long flops = 0;
      int tried = 0;
      Answer fixed = null;
      for (int count : COUNTS) {
        fixed = generator.generate(List.of(prompt), count, 4).get(0);
        tried += count;
        flops += fixed.cost().prefillFlops() - (tried > count ? generator.towerFlops(prompt) : 0);
        if (count == answer.cost().numVisionTokens()) {
          break;
        }
      }
      assertThat(answer.withCost(fixed.cost())).as("prompt %d", i).isEqualTo(fixed);
      boolean isText = prompt.images().isEmpty();
      assertThat(answer.cost().visionTokensTried()).isEqualTo(isText ? 0 : tried);
      assertThat(answer.cost().prefillFlops()).isEqualTo(flops);
      if (isText) {
        assertThat(tried).as("text alone").isEqualTo(1);
      }
    }
  }

  @Test
  void theSelectorAsksOnce() {
    Calibration calibration = calibration(Method.SELECTOR);
    for (Answer answer : new AdaptiveGenerator(generator, calibration).generate(prompts(), SHORT)) {
      assertThat(answer.cost().visionTokensTried()).isIn(0, answer.cost().numVisionTokens());
    }
  }

  @Test
  void aStreamedAnswerIsTheSame() {
    for (Method method : Method.values()) {
      AdaptiveGenerator adaptive = new AdaptiveGenerator(generator, calibration(method));
      for (Prompt prompt : prompts()) {
        Answer expected = adaptive.generate(List.of(prompt), SHORT).get(0);
        Started started = adaptive.start(prompt, SHORT);
        assertThat(started.numVisionTokens()).isEqualTo(expected.cost().numVisionTokens());
        if (!prompt.images().isEmpty()) {
          assertThat(started.triedVisionTokens() + started.numVisionTokens())
              .isEqualTo(expected.cost().visionTokensTried());
        }
        String text =
            started
                .ready()
                .orElseGet(
                    () -> generator.generate(List.of(prompt), started.numVisionTokens(), 4).get(0))
                .text();
        assertThat(text).isEqualTo(expected.text());
      }
    }
  }

  /** 40 tokens of text and 16 vision tokens do not fit where 40 and 4 do. */
  @Test
  void aPromptThatIsTooLongAtAHigherCountKeepsItsAnswerAtTheLowerOne() {
    Prompt pictured =
        prompts().stream().filter(prompt -> prompt.images().size() == 1).findFirst().orElseThrow();
    Calibration never =
        new Calibration(
            Calibration.FORMAT,
            new Calibration.Source("model", "rows", List.of()),
            1,
            0.01,
            COUNTS,
            List.of(),
            Method.CASCADE,
            new Cascade(
                ConfidenceMeasure.MIN_LOG_PROBABILITY,
                COUNTS,
                List.of(Double.MAX_VALUE, Double.MAX_VALUE)),
            new OperatingPoint(1, 0, new Interval(0, 0), 0),
            selector(),
            new OperatingPoint(1, 0, new Interval(0, 0), 0),
            List.of());
    AdaptiveGenerator adaptive = new AdaptiveGenerator(generator, never);
    Prompt tooLong = null;
    for (int words = 1; tooLong == null; words++) {
      Turn turn = new Turn(Role.USER, Sample.IMAGE_MARK + "\n" + "a ".repeat(words) + "?");
      Prompt longer = new Prompt(List.of(turn), pictured.images());
      if (!fits(longer, 16)) {
        tooLong = longer;
      }
    }
    assertThat(fits(tooLong, 4)).isTrue();
    List<Answer> answers = adaptive.generate(Arrays.asList(pictured, tooLong), SHORT);
    assertThat(answers.get(0).cost().numVisionTokens()).isEqualTo(16);
    assertThat(answers.get(1).cost().numVisionTokens()).isEqualTo(4);
    assertThat(answers.get(1).text())
        .isEqualTo(generator.generate(List.of(tooLong), 4, 4).get(0).text());
  }

  private static boolean fits(Prompt prompt, int count) {
    try {
      generator.generate(List.of(prompt), count, 1);
      return true;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  @Test
  void pooledFeaturesAreMeansOfTowerAndWords() {
    Prompt text =
        prompts().stream().filter(prompt -> prompt.images().isEmpty()).findFirst().orElseThrow();
    Prompt pictured =
        prompts().stream().filter(prompt -> !prompt.images().isEmpty()).findFirst().orElseThrow();
    int vision = TinyRun.model().vision().hiddenSize();
    float[] ofText = generator.pooledFeatures(text);
    float[] ofPicture = generator.pooledFeatures(pictured);

    assertThat(ofText).hasSize(vision + TinyRun.model().language().hiddenSize());
    assertThat(Arrays.copyOf(ofText, vision)).containsOnly(0f);
    assertThat(Arrays.copyOf(ofPicture, vision)).doesNotContain(0f);
    assertThat(generator.pooledFeatures(pictured)).isEqualTo(ofPicture);
    Prompt other = new Prompt(List.of(new Turn(Role.USER, "Other words?")), List.of());
    assertThat(generator.pooledFeatures(other)).isNotEqualTo(ofText);
  }
}
