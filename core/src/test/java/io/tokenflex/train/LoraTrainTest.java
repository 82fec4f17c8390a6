package io.tokenflex.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDManager;
import io.tokenflex.checkpoint.Checkpoints;
import io.tokenflex.distributed.SingleProcessGroup;
import io.tokenflex.kernels.ComputeType;
import io.tokenflex.lora.LoraConfig;
import io.tokenflex.lora.PeftAdapter;
import io.tokenflex.model.TokenFlexModel;
import io.tokenflex.modelfolder.WeightLoader;
import io.tokenflex.safetensors.SafetensorsFolder;
import io.tokenflex.samples.SampleSource;
import io.tokenflex.storage.LocalStorage;
import io.tokenflex.testing.TinyRun;
import io.tokenflex.testing.TinySamples;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Runs that train adapters: what changes, what a checkpoint holds, what a resumed run must keep.
 */
class LoraTrainTest {
  private static final SampleSource SAMPLES = new TinySamples(3, 9, 7, 11, 8, 6);

  @TempDir private Path folder;

  private static LoraConfig lora(int rank, String... targets) {
    return TinyRun.lora(rank, 2 * rank, List.of(targets), List.of("projector"));
  }

  private static TrainingRun run(LoraConfig lora, long maxSteps, long baseSeed) {
    return run(lora, Optional.empty(), maxSteps, baseSeed);
  }

  private static TrainingRun run(
      LoraConfig lora, Optional<PeftAdapter> adapter, long maxSteps, long baseSeed) {
    TrainingRun plain = TinyRun.run(TinyRun.config(maxSteps, 4, 5, Optional.of(lora)), SAMPLES);
    return new TrainingRun(
        plain.config(),
        plain.model(),
        plain.imageTransform(),
        plain.schedule(),
        plain.source(),
        plain.text(),
        InitialWeights.random(baseSeed),
        adapter,
        plain.seed());
  }

  /** The losses, step by step. */
  private List<Double> train(String name, TrainingRun run) throws Exception {
    List<Double> losses = new ArrayList<>();
    try (NDManager manager = NDManager.newBaseManager("PyTorch");
        TokenFlexModel model = TokenFlexModel.create(manager, TinyRun.model(), ComputeType.FP32)) {
      Checkpoints checkpoints = new Checkpoints(new LocalStorage(folder.resolve(name)), 3);
      TrainingListener listener =
          new TrainingListener() {
            @Override
            public void stepDone(StepMetrics metrics) {
              losses.add(metrics.loss());
            }
          };
      new Trainer(run, new SingleProcessGroup(), checkpoints, listener).train(model);
    }
    return losses;
  }

  private static Map<String, float[]> base(long seed) {
    try (NDManager manager = NDManager.newBaseManager("PyTorch");
        TokenFlexModel model = TokenFlexModel.create(manager, TinyRun.model(), ComputeType.FP32)) {
      model.parameters().initialize(seed);
      Map<String, float[]> weights = new TreeMap<>();
      model
          .parameters()
          .namedWeights()
          .forEach((name, window) -> weights.put(name, window.toFloatArray()));
      return weights;
    }
  }

  private Path checkpoint(String name, int step) {
    return folder.resolve(name).resolve(String.format(Locale.ROOT, "step-%08d", step));
  }

  @Test
  void onlyAdaptersAndModulesToSaveChangeTheModel() throws Exception {
    train("run", run(lora(3, "q_proj", "down_proj"), 5, 1));

    Path checkpoint = checkpoint("run", 5);
    TreeSet<String> changed = new TreeSet<>();
    try (SafetensorsFolder merged = SafetensorsFolder.open(checkpoint)) {
      base(1)
          .forEach(
              (name, values) -> {
                if (!Arrays.equals(values, read(merged, name))) {
                  changed.add(name);
                }
              });
    }
    assertThat(changed)
        .contains(
            "vision_model.encoder.layers.0.self_attn.q_proj.weight",
            "language_model.model.layers.1.mlp.down_proj.weight",
            "projector.f1.weight",
            "projector.layernorm.bias")
        .allMatch(name -> name.matches("projector\\..*|.*(q_proj|down_proj)\\.weight"));

    PeftAdapter adapter = PeftAdapter.read(checkpoint.resolve("adapter"));
    assertThat(adapter.config().targets()).containsExactly("q_proj", "down_proj");
    assertThat(adapter.modules())
        .hasSize(6)
        .contains("vision_model.vision_model.encoder.layers.1.self_attn.q_proj");
    assertThat(adapter.savedParameters()).hasSize(8).contains("projector.g.bias");
    assertThat(Files.readString(checkpoint.resolve("manifest.json")))
        .contains("adapter/adapter_config.json", "adapter/adapter_model.safetensors");
    assertThat(Files.size(checkpoint.resolve("optimizer-00001-of-00001.safetensors")))
        .as("moments of what trains alone")
        .isLessThan(3 * Files.size(checkpoint.resolve("adapter/adapter_model.safetensors")));
  }

  private static float[] read(SafetensorsFolder tensors, String name) {
    try {
      return tensors.readFloats(name);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Two steps without adapters. */
  private static TrainingRun runInFull(InitialWeights start) {
    TrainingRun full = TinyRun.run(TinyRun.config(2, 4, 5), SAMPLES);
    return new TrainingRun(
        full.config(),
        full.model(),
        full.imageTransform(),
        full.schedule(),
        full.source(),
        full.text(),
        start,
        Optional.empty(),
        full.seed());
  }

  @Test
  void theFirstLossIsTheBaseModels() throws Exception {
    List<Double> adapted = train("adapted", run(lora(3, "all-linear"), 2, 1));
    List<Double> plain = train("plain", runInFull(InitialWeights.random(1)));

    assertThat(adapted.get(0)).isEqualTo(plain.get(0));
  }

  @Test
  void aFrozenPartGetsNoAdaptersAndTheirTargetsAreWrittenInFull() throws Exception {
    TrainConfig open = TinyRun.config(2, 4, 5, Optional.of(lora(2, "q_proj")));
    TrainConfig frozen =
        new TrainConfig(
            open.maxSteps(),
            open.globalBatchSize(),
            open.microBatchSize(),
            open.lanes(),
            open.windowRowGroups(),
            open.prefetchSteps(),
            open.onBadSample(),
            open.maxBadSampleFraction(),
            open.precision(),
            open.activations(),
            List.of("vision_model"),
            open.lora(),
            open.optimizer(),
            open.checkpointEverySteps(),
            open.keepCheckpoints(),
            open.collective(),
            open.collectiveTimeout(),
            open.checkpointTimeout());
    train("frozen", TinyRun.run(frozen, SAMPLES));

    PeftAdapter adapter = PeftAdapter.read(checkpoint("frozen", 2).resolve("adapter"));
    assertThat(adapter.config().targets())
        .containsExactly(
            "language_model.model.layers.0.self_attn.q_proj",
            "language_model.model.layers.1.self_attn.q_proj");
    assertThat(adapter.modules()).containsExactlyElementsOf(adapter.config().targets());
  }

  @Test
  void aRunGoesOnWithAnAdapter() throws Exception {
    train("first", run(lora(3, "q_proj"), 5, 1));
    Path saved = checkpoint("first", 5);
    LoraConfig given =
        new LoraConfig(
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.of(saved.toString()));
    Optional<PeftAdapter> adapter = Optional.of(PeftAdapter.read(saved.resolve("adapter")));
    List<Double> resumed = train("second", run(given, adapter, 2, 1));

    // The same batch as the first run's first, by the model that the first run left.
    InitialWeights merged =
        parameters -> {
          try (SafetensorsFolder weights = SafetensorsFolder.open(saved)) {
            WeightLoader.load(weights, parameters);
          }
        };
    List<Double> expected = train("third", runInFull(merged));
    assertThat(resumed.get(0)).isEqualTo(expected.get(0));
    assertThat(PeftAdapter.read(checkpoint("second", 2).resolve("adapter")).config().rank())
        .isEqualTo(3);
  }

  @Test
  void aRunResumesBesideItsOwnBaseWithItsOwnAdaptersOnly() throws Exception {
    train("run", run(lora(3, "q_proj"), 5, 1));

    assertThatThrownBy(() -> train("run", run(lora(3, "q_proj"), 10, 2)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("Cannot resume from step-00000005: digest of pretrained was ");
    assertThatThrownBy(() -> train("run", run(lora(3, "o_proj"), 10, 1)))
        .hasMessageContaining("train.lora was LoRA of rank 3, scale 2.0, on 4 layers");
    assertThatThrownBy(() -> train("run", TinyRun.run(TinyRun.config(10, 4, 5), SAMPLES)))
        .hasMessageContaining("train.lora was LoRA of rank 3")
        .hasMessageContaining("and is none");
  }
}
