package io.tokenflex.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.tokenflex.checkpoint.CheckpointCatalog;
import io.tokenflex.checkpoint.Checkpoints;
import io.tokenflex.image.ImageTransform;
import io.tokenflex.kernels.ComputeType;
import io.tokenflex.model.LanguageConfig;
import io.tokenflex.model.ModelConfig;
import io.tokenflex.model.Pooling;
import io.tokenflex.model.ProjectorConfig;
import io.tokenflex.model.TokenFlexModel;
import io.tokenflex.model.VisionConfig;
import io.tokenflex.storage.LocalStorage;
import io.tokenflex.testing.Ranks;
import io.tokenflex.testing.TinyRun;
import io.tokenflex.testing.TinySamples;
import io.tokenflex.text.ModelText;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Checkpoints that two ranks of earlier versions wrote at step 2 of the run below; only their
 * tokenizer.json lies elsewhere.
 */
class OldCheckpointTest {
  /** Of before attempts were numbered and settings were kept; a folder was renamed. */
  private static final String FIRST = "/checkpoint-v1/";

  /** With the records of the attempt that published it, and with settings. */
  private static final String RENAMED = "/checkpoint-v1-renamed/";

  /**
   * Published by one create. The first attempt broke while it saved step 2, so that has the longer
   * name; the third while it saved step 4, of which the large files are left out.
   */
  private static final String SAVED_AGAIN = "/checkpoint-v1-saved-again/";

  private static final String LONGER_NAME = "step-00000002-84497e6b8b0ce9ef";

  private static final List<String> FILES =
      List.of(
          "config.json",
          "generation_config.json",
          "manifest.json",
          "model.safetensors",
          "optimizer-00001-of-00002.safetensors",
          "optimizer-00002-of-00002.safetensors",
          "preprocessor_config.json",
          "train_state.json");

  private static final List<String> RECORDS =
      List.of(".writer/000000000001.json", ".writer/000000000002.json");

  private static final List<String> LEFT_BY_BROKEN_SAVES =
      List.of(
          ".writer/000000000003.json",
          ".writer/000000000004.json",
          ".saves/step-00000002/attempt.json",
          ".saves/step-00000004/attempt.json",
          ".saves/step-00000004/part-00001-of-00002.json",
          ".saves/step-00000004/part-00002-of-00002.json",
          "step-00000004/config.json",
          "step-00000004/train_state.json");

  private static final ModelConfig MODEL =
      new ModelConfig(
          new VisionConfig(8, 16, 1, 2, 16, 4, 1e-6),
          new ProjectorConfig(24, 1e-5, Pooling.ADAPTIVE),
          new LanguageConfig(1100, 8, 16, 1, 2, 1, 4, 256, 10_000, 1e-6, true));

  @TempDir private Path folder;

  private static void copyFixture(String fixture, Path checkpoints) throws IOException {
    String folder = folderOf(fixture);
    for (String file : FILES) {
      copy(fixture, folder + "/" + file, checkpoints);
    }
    if (!fixture.equals(FIRST)) {
      copy(fixture, folder + "/train_settings.json", checkpoints);
      for (String file : RECORDS) {
        copy(fixture, file, checkpoints);
      }
    }
    if (fixture.equals(SAVED_AGAIN)) {
      for (String file : LEFT_BY_BROKEN_SAVES) {
        copy(fixture, file, checkpoints);
      }
    }
    Files.write(checkpoints.resolve(folder + "/tokenizer.json"), TinyRun.tokenizerJson());
  }

  private static String folderOf(String fixture) {
    return fixture.equals(SAVED_AGAIN) ? LONGER_NAME : "step-00000002";
  }

  private static void copy(String fixture, String file, Path checkpoints) throws IOException {
    Path target = checkpoints.resolve(file);
    Files.createDirectories(target.getParent());
    try (InputStream in = OldCheckpointTest.class.getResourceAsStream(fixture + file)) {
      Files.copy(in, target);
    }
  }

  private static TrainConfig config(long maxSteps) {
    TrainConfig usual = TinyRun.config(maxSteps, 2, 2);
    return new TrainConfig(
        maxSteps,
        usual.globalBatchSize(),
        usual.microBatchSize(),
        usual.lanes(),
        usual.windowRowGroups(),
        usual.prefetchSteps(),
        usual.onBadSample(),
        usual.maxBadSampleFraction(),
        usual.precision(),
        usual.activations(),
        List.of("vision_model", "language_model"),
        usual.lora(),
        usual.optimizer(),
        usual.checkpointEverySteps(),
        usual.keepCheckpoints(),
        usual.collective(),
        usual.collectiveTimeout(),
        usual.checkpointTimeout());
  }

  /** Trains on one rank to step 4; weights by name, and the step at which it began. */
  private Map<String, float[]> train(Path checkpoints, List<Long> began) {
    return Ranks.run(
            1,
            group -> {
              TrainingRun run =
                  new TrainingRun(
                      config(4),
                      MODEL,
                      ImageTransform.siglip(16),
                      TinyRun.schedule(),
                      new TinySamples(3, 9, 7, 11, 8, 6),
                      ModelText.chatMl(TinyRun.tokenizerJson()),
                      InitialWeights.random(7),
                      Optional.empty(),
                      7);
              TrainingListener listener =
                  new TrainingListener() {
                    @Override
                    public void started(long firstStep, long maxSteps) {
                      began.add(firstStep);
                    }
                  };
              try (NDManager manager = NDManager.newBaseManager("PyTorch");
                  TokenFlexModel model = TokenFlexModel.create(manager, MODEL, ComputeType.FP32)) {
                Checkpoints saved = new Checkpoints(new LocalStorage(checkpoints), 3);
                new Trainer(run, group, saved, listener).train(model);
                Map<String, float[]> weights = new TreeMap<>();
                for (Map.Entry<String, NDArray> entry :
                    model.parameters().namedWeights().entrySet()) {
                  weights.put(entry.getKey(), entry.getValue().toFloatArray());
                }
                return weights;
              }
            })
        .get(0);
  }

  @ParameterizedTest
  @ValueSource(strings = {FIRST, RENAMED, SAVED_AGAIN})
  void aRunOfAnEarlierVersionGoesOnAsIfItHadNotStopped(String fixture) throws IOException {
    copyFixture(fixture, folder.resolve("old"));
    String attempt = fixture.equals(FIRST) ? "" : "000000000001-";
    List<Path> left =
        List.of(
            folder.resolve("old/.staging-step-00000004-" + attempt + "0123456789abcdef"),
            folder.resolve("old/.aside-step-00000004-0123456789abcdef"));
    for (Path leftover : left) {
      Files.writeString(Files.createDirectories(leftover).resolve("config.json"), "{}");
    }
    List<Long> began = new ArrayList<>();
    Map<String, float[]> resumed = train(folder.resolve("old"), began);
    Map<String, float[]> whole = train(folder.resolve("new"), began);

    assertThat(began).containsExactly(2L, 0L);
    assertThat(resumed.keySet()).isEqualTo(whole.keySet());
    whole.forEach(
        (name, values) ->
            assertThat(resumed.get(name)).as(name).containsExactly(values, within(1e-5f)));
    assertThat(folder.resolve("old").resolve(folderOf(fixture))).isDirectory();
    Path last = folder.resolve("old").resolve(lastFolder(folder.resolve("old")));
    assertThat(last.resolve("train_settings.json")).isNotEmptyFile();
    assertThat(last.getFileName().toString())
        .as("a name of theirs that an attempt had stays its own")
        .matches(fixture.equals(SAVED_AGAIN) ? "step-00000004-[0-9a-f]{16}" : "step-00000004");
    assertThat(left).allSatisfy(leftover -> assertThat(leftover).doesNotExist());
  }

  private static String lastFolder(Path checkpoints) throws IOException {
    return new CheckpointCatalog(new LocalStorage(checkpoints)).newestFolder().orElseThrow();
  }
}
