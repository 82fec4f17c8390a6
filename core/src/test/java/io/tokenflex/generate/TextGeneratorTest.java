package io.tokenflex.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import io.tokenflex.checkpoint.Checkpoints;
import io.tokenflex.convert.ModelExport;
import io.tokenflex.distributed.Precision;
import io.tokenflex.distributed.SingleProcessGroup;
import io.tokenflex.failure.DamagedDataException;
import io.tokenflex.kernels.ComputeType;
import io.tokenflex.model.TokenFlexModel;
import io.tokenflex.safetensors.TensorInfo.ElementType;
import io.tokenflex.samples.EncodedImage;
import io.tokenflex.samples.Role;
import io.tokenflex.samples.Sample;
import io.tokenflex.samples.Turn;
import io.tokenflex.storage.LocalStorage;
import io.tokenflex.testing.TinyRun;
import io.tokenflex.testing.TinySamples;
import io.tokenflex.train.Trainer;
import io.tokenflex.train.TrainingListener;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Answers of a checkpoint folder, as training leaves it. */
class TextGeneratorTest {
  private static final TinySamples SAMPLES = new TinySamples(5, 12);

  @TempDir static Path folder;

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
  }

  private static TextGenerator load() throws IOException {
    return TextGenerator.load(checkpoint(), Device.cpu(), Precision.AUTO);
  }

  private static Path checkpoint() {
    return folder.resolve("step-00000003");
  }

  private static List<Prompt> prompts() {
    List<Prompt> prompts = new ArrayList<>();
    for (Sample sample : SAMPLES.readRowGroup(0)) {
      prompts.add(new Prompt(sample.conversation().subList(0, 1), sample.images()));
    }
    return prompts;
  }

  @Test
  void answersDoNotDependOnWhatElseIsInTheBatch() throws IOException {
    try (TextGenerator generator = load()) {
      for (int numVisionTokens : new int[] {1, 9, 16}) {
        List<Answer> together = generator.generate(prompts(), numVisionTokens, 6);
        List<Answer> alone = new ArrayList<>();
        for (Prompt prompt : prompts()) {
          alone.addAll(generator.generate(List.of(prompt), numVisionTokens, 6));
        }
        assertThat(together).as("%d vision tokens", numVisionTokens).isEqualTo(alone);
      }
    }
  }

  @Test
  void answersOnACpuAreComputedInFp32UnlessTheSettingSaysOtherwise() throws IOException {
    try (TextGenerator byItself = load();
        TextGenerator asked = TextGenerator.load(checkpoint(), Device.cpu(), Precision.BF16)) {
      assertThat(byItself.computeType()).isEqualTo(ComputeType.FP32);
      assertThat(asked.computeType()).isEqualTo(ComputeType.BF16);
    }
  }

  @Test
  void everyDamagedFileOfTheModelIsRefusedAndOneOfTrainingIsNotLookedAt(@TempDir Path copy)
      throws IOException {
    List<String> names = copyCheckpointTo(copy);
    assertThat(names)
        .contains("config.json", "model.safetensors", "tokenizer.json", "preprocessor_config.json");
    for (String name : names) {
      if (name.equals("manifest.json")) {
        continue; // what a damaged one leads to, ManifestDigestsTest says
      }
      Path file = copy.resolve(name);
      byte[] good = Files.readAllBytes(file);
      byte[] flipped = good.clone();
      flipped[good.length / 2] ^= 1;
      Files.write(file, flipped);
      if (name.startsWith("optimizer-") || name.equals("train_state.json")) {
        TextGenerator.load(copy, Device.cpu(), Precision.AUTO).close();
      } else {
        assertThatThrownBy(() -> TextGenerator.load(copy, Device.cpu(), Precision.AUTO))
            .as(name)
            .isInstanceOf(DamagedDataException.class)
            .hasMessageContaining(name);
      }
      Files.delete(file);
      if (!name.startsWith("optimizer-") && !name.equals("train_state.json")) {
        assertThatThrownBy(() -> TextGenerator.load(copy, Device.cpu(), Precision.AUTO))
            .as(name)
            .isInstanceOf(DamagedDataException.class)
            .hasMessageContaining(name + " is missing");
      }
      Files.write(file, good);
    }
  }

  @Test
  void anExportOfADamagedCheckpointIsRefusedAndWritesNothing(@TempDir Path copy)
      throws IOException {
    copyCheckpointTo(copy);
    byte[] weights = Files.readAllBytes(copy.resolve("model.safetensors"));
    weights[weights.length - 1] ^= 1;
    Files.write(copy.resolve("model.safetensors"), weights);
    ModelExport export = new ModelExport(ElementType.F32, line -> {});
    Path out = copy.resolve("out");

    assertThatThrownBy(() -> export.whole(copy, out))
        .isInstanceOf(DamagedDataException.class)
        .hasMessageContaining("model.safetensors was changed after it was written");
    assertThatThrownBy(() -> export.parts(copy, out)).isInstanceOf(DamagedDataException.class);
    assertThat(out).doesNotExist();
  }

  @Test
  void aWeightThatIsNoNumberIsRefusedEvenWithoutAManifest(@TempDir Path copy) throws IOException {
    copyCheckpointTo(copy);
    Files.delete(copy.resolve("manifest.json"));
    for (int bits : new int[] {0x7fc00000, 0x7f800000, 0xff800000}) {
      ByteBuffer weights =
          ByteBuffer.wrap(Files.readAllBytes(copy.resolve("model.safetensors")))
              .order(ByteOrder.LITTLE_ENDIAN);
      weights.putInt(weights.capacity() - 64, bits);
      Files.write(copy.resolve("model.safetensors"), weights.array());

      assertThatThrownBy(() -> TextGenerator.load(copy, Device.cpu(), Precision.AUTO))
          .isInstanceOf(DamagedDataException.class)
          .hasMessageContaining("model.safetensors: tensor ")
          .hasMessageContaining("weights are finite numbers");
    }
  }

  @Test
  void logitsThatAreNoNumbersAreRefusedAndNotTakenForAnAnswer(@TempDir Path copy)
      throws IOException {
    copyCheckpointTo(copy);
    Files.delete(copy.resolve("manifest.json"));
    Path file = copy.resolve("model.safetensors");
    ByteBuffer weights = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    int header = 8 + (int) weights.getLong(0);
    for (int at = header; at < weights.capacity(); at += Float.BYTES) {
      weights.putFloat(at, 1e30f); // each is finite, products of two are not
    }
    Files.write(file, weights.array());
    try (TextGenerator generator = TextGenerator.load(copy, Device.cpu(), Precision.AUTO)) {
      assertThatThrownBy(() -> generator.generate(prompts(), 4, 6))
          .isInstanceOf(UncheckedIOException.class)
          .hasMessageContaining("are no finite numbers, computed in FP32")
          .hasMessageContaining(copy.toString());
    }
  }

  @Test
  void anAnswerEndsAtAnyIdOfTheListThatItsGenerationConfigNames(@TempDir Path copy)
      throws IOException {
    copyCheckpointTo(copy);
    Files.delete(copy.resolve("manifest.json"));
    Path generation = copy.resolve("generation_config.json");
    List<Long> all = LongStream.range(0, TinyRun.model().language().vocabSize()).boxed().toList();
    int half = all.size() / 2;
    List<Integer> none = lengths(copy, List.of());
    assertThat(none).as("the end of turn alone").contains(6);
    assertThat(lengths(copy, all)).as("every id ends an answer").containsOnly(1);
    List<Integer> low = lengths(copy, all.subList(0, half));
    List<Integer> high = lengths(copy, all.subList(half, all.size()));
    for (int i = 0; i < none.size(); i++) {
      if (none.get(i) > 1) {
        assertThat(low.get(i) == 1)
            .as("answer %d begins in one half of the vocabulary", i)
            .isNotEqualTo(high.get(i) == 1);
      }
    }
    Files.writeString(generation, "{\"eos_token_id\": \"</s>\"}");
    assertThatThrownBy(() -> TextGenerator.load(copy, Device.cpu(), Precision.AUTO))
        .hasMessageContaining("eos_token_id is \"</s>\"; expected an id, a list of ids, or null");
  }

  private static List<Integer> lengths(Path model, List<Long> ends) throws IOException {
    Files.writeString(
        model.resolve("generation_config.json"),
        "{\"eos_token_id\": " + ends + ", \"top_p\": NaN}");
    try (TextGenerator generator = TextGenerator.load(model, Device.cpu(), Precision.AUTO)) {
      return generator.generate(prompts(), 4, 6).stream().map(Answer::numNewTokens).toList();
    }
  }

  private static List<String> copyCheckpointTo(Path copy) throws IOException {
    try (Stream<Path> files = Files.list(checkpoint())) {
      for (Path file : files.toList()) {
        Files.copy(file, copy.resolve(file.getFileName()));
      }
    }
    try (Stream<Path> files = Files.list(copy)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void aCountThatIsNoSquareIsRefusedWithItsNeighbours() throws IOException {
    try (TextGenerator generator = load()) {
      assertThatThrownBy(() -> generator.generate(prompts(), 10, 6))
          .hasMessage("10 vision tokens do not form a square grid; take 9 or 16");
    }
  }

  @Test
  void anAnswerEndsWhereTheModelsPositionsEnd() throws IOException {
    try (TextGenerator generator = load()) {
      // text at temperature 50 is close to uniform, so the end of turn hardly comes
      GenerationConfig config = GenerationConfig.greedy(1000).withSampling(50, 1, 3);
      List<Answer> answers = generator.generate(prompts(), 4, config, TokenListener.NONE);
      assertThat(answers).extracting(Answer::finish).contains(FinishReason.CONTEXT_FULL);
      assertThat(generator.generate(prompts(), 4, 3))
          .extracting(Answer::finish)
          .contains(FinishReason.MAX_NEW_TOKENS);
      Prompt tooLong = new Prompt(List.of(new Turn(Role.USER, "word ".repeat(300))), List.of());
      assertThatThrownBy(() -> generator.generate(List.of(tooLong), 4, 3))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("but the model has 256 positions");
    }
  }

  @Test
  void sampledTextsDependOnPromptAndSeedAloneAndNotOnTheBatch() throws IOException {
    try (TextGenerator generator = load()) {
      GenerationConfig config =
          GenerationConfig.greedy(12)
              .withSampling(1.3, 0.95, 7)
              .withRepetitionLimits(1.2, 3)
              .withStopStrings(List.of("e"));
      List<Prompt> prompts = prompts();
      List<Answer> alone = new ArrayList<>();
      for (Prompt prompt : prompts) {
        alone.addAll(generator.generate(List.of(prompt), 9, config, TokenListener.NONE));
      }
      assertThat(alone.stream().map(Answer::text).distinct()).hasSizeGreaterThan(8);
      Random random = new Random(11);
      List<Integer> order = new ArrayList<>(IntStream.range(0, prompts.size()).boxed().toList());
      for (int round = 0; round < 6; round++) {
        Collections.shuffle(order, random);
        List<Integer> batch = order.subList(0, 2 + random.nextInt(prompts.size() - 1));
        List<Prompt> asked = batch.stream().map(prompts::get).toList();
        List<StringBuilder> pieces = asked.stream().map(prompt -> new StringBuilder()).toList();
        List<Answer> together =
            generator.generate(
                asked, 9, config, (prompt, token, text) -> pieces.get(prompt).append(text));
        assertThat(together)
            .as("batch %s", batch)
            .isEqualTo(batch.stream().map(alone::get).toList());
        assertThat(pieces.stream().map(StringBuilder::toString).toList())
            .isEqualTo(together.stream().map(Answer::text).toList());
      }
      GenerationConfig otherSeed = config.withSampling(1.3, 0.95, 8);
      assertThat(generator.generate(prompts, 9, otherSeed, TokenListener.NONE)).isNotEqualTo(alone);
    }
  }

  @Test
  void theTowerSeesAnImageOnceForAllQuestionsAndTokenCounts() throws IOException {
    List<Prompt> prompts = new ArrayList<>(prompts());
    long distinct =
        prompts.stream()
            .flatMap(p -> p.images().stream())
            .map(EncodedImage::sha256)
            .distinct()
            .count();
    for (Prompt prompt : prompts()) {
      Turn again = new Turn(Role.USER, prompt.question().text() + " Really?");
      prompts.add(new Prompt(List.of(again), prompt.images()));
    }
    try (TextGenerator generator = load()) {
      assertThat(generator.secondsSpared(prompts)).isZero();
      for (int numVisionTokens : new int[] {1, 4, 16}) {
        generator.generate(prompts, numVisionTokens, 2);
      }
      assertThat(distinct).isGreaterThan(3);
      assertThat(generator.numEncodedImages()).isEqualTo(distinct);
      double spared = generator.secondsSpared(prompts);
      assertThat(spared).isPositive();
      double ofEach =
          prompts.stream().mapToDouble(prompt -> generator.secondsSpared(List.of(prompt))).sum();
      assertThat(ofEach).as("an image of several prompts counts once").isGreaterThan(spared);
    }
  }

  @Test
  void confidenceIsThatOfTheModelsOwnDistribution() throws IOException {
    try (TextGenerator generator = load()) {
      for (Answer answer : generator.generate(prompts(), 4, 6)) {
        Answer.Confidence confidence = answer.confidence();
        assertThat(confidence.meanLogProbability())
            .isLessThan(0)
            .isGreaterThanOrEqualTo(confidence.minLogProbability());
        assertThat(confidence.firstTokenMargin()).isBetween(0.0, 1.0);
      }
      Answer one = generator.generate(prompts(), 4, 1).get(0);
      assertThat(one.confidence().meanLogProbability())
          .isEqualTo(one.confidence().minLogProbability());
      assertThat(Math.exp(one.confidence().minLogProbability()))
          .as("the likeliest of 1100 tokens")
          .isGreaterThan(1 / 1100.0)
          .isGreaterThanOrEqualTo(one.confidence().firstTokenMargin());
    }
  }

  @Test
  void settingsOutOfRangeAreRefusedByName() {
    GenerationConfig greedy = GenerationConfig.greedy(4);
    assertThatThrownBy(() -> greedy.withSampling(-1, 1, 0))
        .hasMessageContaining("temperature is -1.0; it must be 0");
    assertThatThrownBy(() -> greedy.withSampling(1, 0, 0)).hasMessageContaining("topP is 0.0");
    assertThatThrownBy(() -> greedy.withRepetitionLimits(0, 0))
        .hasMessageContaining("repetitionPenalty is 0.0");
    assertThatThrownBy(() -> greedy.withRepetitionLimits(1, -1))
        .hasMessageContaining("noRepeatNgramSize is -1");
    assertThatThrownBy(() -> greedy.withStopStrings(List.of("")))
        .hasMessageContaining("stopStrings has an empty text");
  }
}
