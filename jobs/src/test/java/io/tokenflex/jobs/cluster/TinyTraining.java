package io.tokenflex.jobs.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenflex.jobs.scenes.SampleDatasetConfig;
import io.tokenflex.jobs.scenes.SampleDatasetGenerator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * A model of a few thousand parameters, whose steps take milliseconds, and 80 pictures to train it
 * on, which are rendered and prepared once a JVM.
 */
final class TinyTraining {
  static final int MAX_STEPS = 40;

  static final List<String> SETTINGS =
      List.of(
          "model.vision.hiddenSize=16",
          "model.vision.intermediateSize=32",
          "model.vision.numHiddenLayers=1",
          "model.vision.numAttentionHeads=2",
          "model.projector.intermediateSize=48",
          "model.language.hiddenSize=16",
          "model.language.intermediateSize=32",
          "model.language.numHiddenLayers=1",
          "model.language.numAttentionHeads=2",
          "model.language.numKeyValueHeads=1",
          "model.language.headDim=8",
          "tokens.counts=[4,16]",
          "tokens.weights=[1,1]",
          "prepare.maxRejectFraction=0.5",
          "train.maxSteps=" + MAX_STEPS,
          "train.optimizer.warmupSteps=5",
          "train.globalBatchSize=8",
          "train.microBatchSize=2",
          "train.lanes=4",
          "train.checkpointEverySteps=5",
          "cluster.driverMemory=512m");

  private static Path prepared;

  private TinyTraining() {}

  /** The prepared dataset: folders {@code train} and {@code heldout}. */
  static synchronized Path data() throws IOException {
    if (prepared == null) {
      Path run = StandaloneCluster.sharedFolder().resolve("tiny");
      render(run);
      prepare(run).executeHere();
      prepared = run.resolve("data");
    }
    return prepared;
  }

  /** Renders pictures where {@link #prepare} looks for them; returns their folder. */
  static Path render(Path run) throws IOException {
    Path sample = run.resolve("sample");
    new SampleDatasetGenerator(SampleDatasetConfig.ofSize(80, 8, 1)).generate(sample);
    return sample;
  }

  /** Prepares what was rendered into a run's folder. */
  static Command prepare(Path run) {
    return Command.onQuickstart("prepare")
        .with(SETTINGS)
        .with("run.dir=" + run, "cluster.master=local[2]");
  }

  /** Trains in a run's folder on {@link #data}. */
  static Command train(Path run, String... settings) throws IOException {
    return trainOn(data(), run, settings);
  }

  /** Trains in a run's folder on other data. */
  static Command trainOn(Path data, Path run, String... settings) {
    return Command.onQuickstart("train")
        .with(SETTINGS)
        .with(
            "run.dir=" + run,
            "data.train=" + data.resolve("train"),
            "data.heldout=" + data.resolve("heldout"))
        .with(settings);
  }

  /** A checkpoint of a run. */
  static Path checkpoint(Path run, int step) {
    return run.resolve(String.format(Locale.ROOT, "checkpoints/step-%08d", step));
  }

  static void assertSameWeights(Path checkpoint, Path expected) throws IOException {
    String weights = "model.safetensors";
    assertThat(Files.readAllBytes(checkpoint.resolve(weights)))
        .as("final parameters")
        .isEqualTo(Files.readAllBytes(expected.resolve(weights)));
  }
}
