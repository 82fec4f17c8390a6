package io.tokenflex.train;

import ai.djl.pytorch.jni.JniUtils;
import io.tokenflex.batches.MicroBatch;
import io.tokenflex.batches.MicroBatches.StepBatches;
import io.tokenflex.batches.Prefetcher;
import io.tokenflex.checkpoint.Checkpoints;
import io.tokenflex.checkpoint.TrainState;
import io.tokenflex.distributed.ProcessGroup;
import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.lora.LoraLayout;
import io.tokenflex.model.Segment;
import io.tokenflex.model.TokenFlexModel;
import io.tokenflex.optimizer.AdamW;
import java.io.IOException;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Trains one rank of a run from its newest checkpoint, or from scratch, to the last step.
 *
 * <p>Every rank runs the same code; they meet in the all-reduce of each step and in checkpoints.
 */
public final class Trainer {
  private final TrainingRun run;
  private final ProcessGroup group;
  private final Checkpoints checkpoints;
  private final TrainingListener listener;

  public Trainer(
      TrainingRun run, ProcessGroup group, Checkpoints checkpoints, TrainingListener listener) {
    run.config().checkWorldSize(group.worldSize());
    this.run = run;
    this.group = group;
    this.checkpoints = checkpoints;
    this.listener = listener;
  }

  /**
   * Trains {@code model} to the last step and leaves the final weights in it.
   *
   * @throws io.tokenflex.distributed.CollectiveException if a peer failed: restart all ranks
   * @throws IllegalArgumentException if the newest checkpoint belongs to another run
   */
  public void train(TokenFlexModel model) throws IOException, InterruptedException {
    TrainConfig config = run.config();
    enableTraining(model);
    List<Segment> trained = model.trainedSegments();
    AdamW adamW = new AdamW(model.manager(), model.kernels(), trained, config.optimizer());
    StartAgreement.Start start =
        new StartAgreement(run, group, checkpoints, listener).reach(model, adamW);
    listener.started(start.step(), config.maxSteps());
    Checkpoints.Limits limits =
        new Checkpoints.Limits(config.checkpointTimeout(), config.collectiveTimeout());
    SkipLimit skips = new SkipLimit(config.maxBadSampleFraction(), run.numSamples());
    try (TrainStep trainStep = new TrainStep(model, adamW, config, group);
        Prefetcher batches = run.batchesFrom(start.step(), group, pictureThreads(model))) {
      trainStep.broadcastWeights();
      for (long step = start.step(); step < config.maxSteps(); step++) {
        long startNanos = System.nanoTime();
        StepBatches batch = batches.next();
        double waitSeconds = secondsSince(startNanos);
        listener.batchRead(step, batch.visionTokens(), sampleIds(batch));
        if (!batch.skipped().isEmpty()) {
          listener.samplesSkipped(step, batch.skipped());
        }
        TrainStep.Result result = trainStep.run(batch);
        int skipped = config.globalBatchSize() - result.samples();
        listener.stepDone(metrics(batch, result, skipped, secondsSince(startNanos), waitSeconds));
        skips.count(batch.skipped(), config.globalBatchSize(), skipped, group);
        if (checkpointDue(step + 1)) {
          TrainState state = run.state(step + 1, group.worldSize(), trained, start.baseDigest());
          String folder = checkpoints.save(state, model, adamW, modelFiles(model), group, limits);
          listener.checkpointPublished(step + 1, folder);
        }
      }
    }
  }

  /** All of this rank's cores where a GPU trains; on CPUs they are at work. */
  private static int pictureThreads(TokenFlexModel model) {
    return model.manager().getDevice().isGpu() ? JniUtils.getNumThreads() : 1;
  }

  private Map<String, byte[]> modelFiles(TokenFlexModel model) throws IOException {
    Map<String, byte[]> files = new HashMap<>(run.modelFiles());
    TrainSettings settings = TrainSettings.of(run.config(), model.computeType(), group.worldSize());
    files.put(TrainSettings.FILE_NAME, settings.toJson());
    return files;
  }

  private void enableTraining(TokenFlexModel model) {
    Optional<LoraLayout> lora = run.lora();
    if (lora.isPresent()) {
      lora.get().enableTraining(model);
      return;
    }
    for (Segment segment : model.parameters().segments()) {
      if (!run.config().freezes(segment.name())) {
        segment.enableTraining();
      }
    }
    if (model.trainedSegments().isEmpty()) {
      throw new InvalidInputException(
          "train.freeze = " + run.config().freeze() + " freezes everything; leave a part to train");
    }
  }

  private boolean checkpointDue(long stepsDone) {
    return stepsDone % run.config().checkpointEverySteps() == 0
        || stepsDone == run.config().maxSteps();
  }

  private static StepMetrics metrics(
      StepBatches batch,
      TrainStep.Result result,
      int skippedSamples,
      double stepSeconds,
      double waitSeconds) {
    return new StepMetrics(
        batch.step() + 1,
        batch.epoch(),
        batch.visionTokens().numVisionTokens(),
        result.loss(),
        result.learningRate(),
        result.gradNorm(),
        result.numValidTokens(),
        result.samples(),
        skippedSamples,
        stepSeconds,
        waitSeconds,
        Instant.now());
  }

  private static List<String> sampleIds(StepBatches batch) {
    return batch.microBatches().stream().map(MicroBatch::sampleIds).flatMap(List::stream).toList();
  }

  private static double secondsSince(long nanoTime) {
    return (System.nanoTime() - nanoTime) / 1e9;
  }
}
