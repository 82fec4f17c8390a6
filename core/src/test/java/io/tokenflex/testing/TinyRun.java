package io.tokenflex.testing;

import io.tokenflex.batches.BadSamples;
import io.tokenflex.distributed.Collective;
import io.tokenflex.distributed.Precision;
import io.tokenflex.image.ImageTransform;
import io.tokenflex.lora.LoraConfig;
import io.tokenflex.model.ActivationPolicy;
import io.tokenflex.model.LanguageConfig;
import io.tokenflex.model.ModelConfig;
import io.tokenflex.model.Pooling;
import io.tokenflex.model.ProjectorConfig;
import io.tokenflex.model.VisionConfig;
import io.tokenflex.optimizer.OptimizerConfig;
import io.tokenflex.samples.SampleSource;
import io.tokenflex.text.ModelText;
import io.tokenflex.tokens.TokenCountSchedule;
import io.tokenflex.tokens.VisionTokenCount;
import io.tokenflex.train.InitialWeights;
import io.tokenflex.train.TrainConfig;
import io.tokenflex.train.TrainingRun;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** A run small enough for a unit test, with every part of a real one. */
public final class TinyRun {
  public static final long SEED = 7;

  private TinyRun() {}

  public static byte[] tokenizerJson() {
    try (InputStream in =
        TinyRun.class.getResourceAsStream("/io/tokenflex/tokenizer/byte-level/tokenizer.json")) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public static ModelConfig model() {
    return new ModelConfig(
        new VisionConfig(16, 32, 2, 2, 16, 4, 1e-6),
        new ProjectorConfig(48, 1e-5, Pooling.ADAPTIVE),
        new LanguageConfig(1100, 16, 32, 2, 4, 2, 4, 256, 10_000, 1e-6, true));
  }

  public static TokenCountSchedule schedule() {
    return new TokenCountSchedule.Weighted(
        List.of(VisionTokenCount.of(1), VisionTokenCount.of(4), VisionTokenCount.of(16)),
        List.of(2.0, 3.0, 5.0),
        SEED);
  }

  public static OptimizerConfig optimizer() {
    return new OptimizerConfig(1e-3, 2, 0.1, 0.9, 0.95, 1e-8, 0.1, 1.0);
  }

  /** New adapters, with every setting that they need. */
  public static LoraConfig lora(
      int rank, double alpha, List<String> targets, List<String> modulesToSave) {
    return new LoraConfig(
        Optional.of(rank),
        Optional.of(alpha),
        Optional.of(targets),
        Optional.empty(),
        Optional.of(modulesToSave),
        Optional.empty());
  }

  public static TrainConfig config(long maxSteps, int microBatchSize, long checkpointEverySteps) {
    return config(maxSteps, microBatchSize, checkpointEverySteps, Optional.empty());
  }

  public static TrainConfig config(
      long maxSteps, int microBatchSize, long checkpointEverySteps, Optional<LoraConfig> lora) {
    return new TrainConfig(
        maxSteps,
        8,
        microBatchSize,
        4,
        2,
        1,
        BadSamples.SKIP,
        0.1,
        Precision.FP32,
        ActivationPolicy.KEEP,
        List.of(),
        lora,
        optimizer(),
        checkpointEverySteps,
        3,
        Collective.AUTO,
        Duration.ofSeconds(20),
        Duration.ofMinutes(5));
  }

  public static TrainingRun run(TrainConfig config, SampleSource source) {
    return new TrainingRun(
        config,
        model(),
        ImageTransform.siglip(model().vision().imageSize()),
        schedule(),
        source,
        ModelText.chatMl(tokenizerJson()),
        InitialWeights.random(SEED),
        Optional.empty(),
        SEED);
  }
}
