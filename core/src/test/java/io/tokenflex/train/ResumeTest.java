package io.tokenflex.train;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDManager;
import io.tokenflex.checkpoint.Checkpoints;
import io.tokenflex.distributed.SingleProcessGroup;
import io.tokenflex.image.ImageTransform;
import io.tokenflex.kernels.ComputeType;
import io.tokenflex.model.LanguageConfig;
import io.tokenflex.model.ModelConfig;
import io.tokenflex.model.TokenFlexModel;
import io.tokenflex.samples.SampleSource;
import io.tokenflex.storage.LocalStorage;
import io.tokenflex.testing.TinyRun;
import io.tokenflex.testing.TinySamples;
import io.tokenflex.text.ModelText;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run goes on only with the model, the text and the pixels that it began with. */
class ResumeTest {
  private static final SampleSource SAMPLES = new TinySamples(3, 9, 7, 11, 8, 6);
  private static final ModelText TEXT = ModelText.chatMl(TinyRun.tokenizerJson());
  private static final ImageTransform PIXELS =
      ImageTransform.siglip(TinyRun.model().vision().imageSize());

  @TempDir private Path folder;

  private final List<String> changes = new ArrayList<>();
  private long firstStep;

  @BeforeEach
  void trainTwoSteps() throws Exception {
    train(2, TinyRun.model(), PIXELS, TEXT);
  }

  private void train(long maxSteps, ModelConfig model, ImageTransform pixels, ModelText text)
      throws Exception {
    TrainingRun run =
        new TrainingRun(
            TinyRun.config(maxSteps, 4, 2),
            model,
            pixels,
            TinyRun.schedule(),
            SAMPLES,
            text,
            InitialWeights.random(TinyRun.SEED),
            Optional.empty(),
            TinyRun.SEED);
    TrainingListener listener =
        new TrainingListener() {
          @Override
          public void started(long first, long last) {
            firstStep = first;
          }

          @Override
          public void settingsChanged(List<String> settings) {
            changes.addAll(settings);
          }
        };
    try (NDManager manager = NDManager.newBaseManager("PyTorch");
        TokenFlexModel untrained = TokenFlexModel.create(manager, model, ComputeType.FP32)) {
      new Trainer(run, new SingleProcessGroup(), checkpoints(), listener).train(untrained);
    }
  }

  private Checkpoints checkpoints() {
    return new Checkpoints(new LocalStorage(folder), 3);
  }

  private void assertRefused(
      ModelConfig model, ImageTransform pixels, ModelText text, String difference)
      throws IOException {
    assertThatThrownBy(() -> train(4, model, pixels, text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "Cannot resume from step-00000002: "
                + difference
                + ". Restore these settings, or start a new run in another run.dir");
    assertThat(checkpoints().latest().orElseThrow().manifest().step()).isEqualTo(2);
  }

  @Test
  void theSameRunGoesOn() throws Exception {
    train(4, TinyRun.model(), PIXELS, TEXT);
    assertThat(firstStep).isEqualTo(2);
  }

  @Test
  void whatMayChangeIsTold() throws Exception {
    assertThat(changes).as("of the first two steps").isEmpty();
    train(4, TinyRun.model(), PIXELS, TEXT);
    assertThat(changes).containsExactly("train.maxSteps was 2 and is 4");
    changes.clear();
    train(4, TinyRun.model(), PIXELS, TEXT);
    assertThat(changes).as("nothing changed").isEmpty();
  }

  @Test
  void anotherTokenizerIsRefused() throws Exception {
    byte[] longer = Arrays.copyOf(TEXT.tokenizerJson(), TEXT.tokenizerJson().length + 1);
    longer[longer.length - 1] = '\n';
    ModelText other = ModelText.chatMl(longer);
    assertRefused(TinyRun.model(), PIXELS, other, "tokenizer.json was another file");
  }

  @Test
  void aTextFileThatWasNotThereIsRefused() throws Exception {
    ModelText other =
        new ModelText(
            TEXT.tokenizerJson(), Map.of("special_tokens_map.json", "{}".getBytes(UTF_8)));
    assertRefused(TinyRun.model(), PIXELS, other, "special_tokens_map.json was not there and is");
  }

  @Test
  void anotherImageProcessorIsRefused() throws Exception {
    List<Float> mean = List.of(0.4f, 0.5f, 0.6f);
    List<Float> std = PIXELS.normalization().std();
    assertRefused(
        TinyRun.model(),
        ImageTransform.square(PIXELS.imageSize(), mean, std),
        TEXT,
        "image processor.normalization.mean was [0.5, 0.5, 0.5] and is [0.4, 0.5, 0.6]");
  }

  @Test
  void anotherModelOfTheSameShapesIsRefused() throws Exception {
    ModelConfig tiny = TinyRun.model();
    ModelConfig other =
        new ModelConfig(
            tiny.vision(),
            tiny.projector(),
            new LanguageConfig(1100, 16, 32, 2, 4, 2, 4, 256, 20_000, 1e-5, true));
    assertRefused(
        other,
        PIXELS,
        TEXT,
        "model.language.ropeTheta was 10000.0 and is 20000.0;"
            + " model.language.rmsNormEps was 1.0E-6 and is 1.0E-5");
  }

  private static ModelConfig withPositions(int maxPositionEmbeddings) {
    ModelConfig tiny = TinyRun.model();
    return new ModelConfig(
        tiny.vision(),
        tiny.projector(),
        new LanguageConfig(1100, 16, 32, 2, 4, 2, 4, maxPositionEmbeddings, 10_000, 1e-6, true));
  }

  @Test
  void aModelMayGetMorePositionsButNotFewer() throws Exception {
    assertRefused(
        withPositions(128),
        PIXELS,
        TEXT,
        "model.language.maxPositionEmbeddings was 256 and is 128");
    train(4, withPositions(4096), PIXELS, TEXT);
    assertThat(firstStep).isEqualTo(2);
  }
}
