package io.tokenflex.train;

import static java.util.Objects.requireNonNull;

import io.tokenflex.batches.BadSamples;
import io.tokenflex.distributed.Collective;
import io.tokenflex.distributed.Precision;
import io.tokenflex.failure.Expect;
import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.lora.LoraConfig;
import io.tokenflex.model.ActivationPolicy;
import io.tokenflex.optimizer.OptimizerConfig;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * How a run trains; the model, the data and the cluster are configured elsewhere.
 *
 * @param maxSteps optimizer steps of the whole run
 * @param globalBatchSize samples per optimizer step, over all ranks
 * @param microBatchSize samples per forward and backward pass of a rank
 * @param lanes canonical sample streams; worldSize divides it, it divides globalBatchSize
 * @param windowRowGroups row groups that are shuffled together
 * @param prefetchSteps steps whose batches are prepared ahead
 * @param onBadSample what becomes of a sample that cannot be trained on
 * @param maxBadSampleFraction part of the samples that may be skipped before the run ends
 * @param freeze names of parts or segments that do not train, by prefix: {@code vision_model}
 * @param lora adapters that train instead of the model; the model itself if absent
 * @param checkpointEverySteps steps between checkpoints; the last step always gets one
 * @param keepCheckpoints how many of the newest stay
 * @param collective what sums gradients between ranks
 * @param collectiveTimeout deadline of every exchange between ranks
 * @param checkpointTimeout deadline of writing or reading a checkpoint, or the first weights
 */
public record TrainConfig(
    long maxSteps,
    int globalBatchSize,
    int microBatchSize,
    int lanes,
    int windowRowGroups,
    int prefetchSteps,
    BadSamples onBadSample,
    double maxBadSampleFraction,
    Precision precision,
    ActivationPolicy activations,
    List<String> freeze,
    Optional<LoraConfig> lora,
    OptimizerConfig optimizer,
    long checkpointEverySteps,
    int keepCheckpoints,
    Collective collective,
    Duration collectiveTimeout,
    Duration checkpointTimeout) {
  public TrainConfig {
    Expect.atLeastOne("maxSteps", maxSteps);
    Expect.atLeastOne("globalBatchSize", globalBatchSize);
    Expect.atLeastOne("microBatchSize", microBatchSize);
    Expect.atLeastOne("lanes", lanes);
    Expect.atLeastOne("windowRowGroups", windowRowGroups);
    Expect.atLeastOne("prefetchSteps", prefetchSteps);
    Expect.atLeastOne("checkpointEverySteps", checkpointEverySteps);
    Expect.atLeastOne("keepCheckpoints", keepCheckpoints);
    requireNonNull(onBadSample, "onBadSample");
    if (!(maxBadSampleFraction >= 0 && maxBadSampleFraction <= 1)) {
      throw new InvalidInputException(
          "maxBadSampleFraction is " + maxBadSampleFraction + "; it must be from 0 to 1");
    }
    requireNonNull(precision, "precision");
    requireNonNull(collective, "collective");
    requireNonNull(activations, "activations");
    requireNonNull(lora, "lora");
    requireNonNull(optimizer, "optimizer");
    freeze = List.copyOf(freeze);
    if (globalBatchSize % lanes != 0) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "lanes (%d) does not divide globalBatchSize (%d); change one of them",
              lanes,
              globalBatchSize));
    }
    Expect.aboveZero("collectiveTimeout", collectiveTimeout);
    Expect.aboveZero("checkpointTimeout", checkpointTimeout);
    optimizer.schedule(maxSteps); // warmupSteps against maxSteps
  }

  /**
   * Checks the number of ranks.
   *
   * @throws IllegalArgumentException if it does not divide the lanes
   */
  public void checkWorldSize(int worldSize) {
    if (worldSize < 1 || lanes % worldSize != 0) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "worldSize %d does not divide train.lanes %d; run on a divisor of it, or change"
                  + " train.lanes (a new run: lanes fix the sample order)",
              worldSize,
              lanes));
    }
  }

  /** Whether a segment does not train. */
  public boolean freezes(String segment) {
    return freeze.stream().anyMatch(part -> segment.equals(part) || segment.startsWith(part + "."));
  }
}
