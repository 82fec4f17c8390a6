package io.tokenflex.train;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.tokenflex.checkpoint.Checkpoints;
import io.tokenflex.checkpoint.TrainState;
import io.tokenflex.data.MicroBatch;
import io.tokenflex.data.MicroBatches.StepBatches;
import io.tokenflex.data.Prefetcher;
import io.tokenflex.distributed.ProcessGroup;
import io.tokenflex.distributed.SharedWork;
import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.lora.AdapterTensors;
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
  private final SharedWork sharedWork;

  public Trainer(
      TrainingRun run, ProcessGroup group, Checkpoints checkpoints, TrainingListener listener) {
    run.config().checkWorldSize(group.worldSize());
    this.run = run;
    this.group = group;
    this.checkpoints = checkpoints;
    this.listener = listener;
    this.sharedWork = new SharedWork(group, run.config().checkpointTimeout(), Checkpoints.TIMEOUT);
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
    String baseDigest = run.config().lora().isPresent() ? loadBase(model) : "";
    long firstStep = restoreOrInitialize(model, adamW, baseDigest);
    listener.started(firstStep, config.maxSteps());
    Checkpoints.Limits limits =
        new Checkpoints.Limits(config.checkpointTimeout(), config.collectiveTimeout());
    SkipLimit skips = new SkipLimit(config.maxBadSampleFraction(), run.numSamples());
    try (TrainStep trainStep = new TrainStep(model, adamW, config, group);
        Prefetcher batches = run.batchesFrom(firstStep, group)) {
      for (long step = firstStep; step < config.maxSteps(); step++) {
        long start = System.nanoTime();
        StepBatches batch = batches.next();
        double waitSeconds = secondsSince(start);
        listener.batchRead(step, batch.visionTokens(), sampleIds(batch));
        if (!batch.skipped().isEmpty()) {
          listener.samplesSkipped(step, batch.skipped());
        }
        TrainStep.Result result = trainStep.run(batch);
        int skipped = config.globalBatchSize() - result.samples();
        listener.stepDone(metrics(batch, result, skipped, secondsSince(start), waitSeconds));
        skips.count(batch.skipped(), config.globalBatchSize(), skipped, group);
        if (checkpointDue(step + 1)) {
          TrainState state = state(step + 1, trained, baseDigest);
          String folder = checkpoints.save(state, model, adamW, modelFiles(model), group, limits);
          listener.checkpointPublished(step + 1, folder);
        }
      }
    }
  }

  /** Rank 0's values are everybody's before the first step; every rank learns their digest. */
  private String loadBase(TokenFlexModel model) throws IOException {
    List<byte[]> digests =
        sharedWork.run(
            "loading the base weights",
            () -> {
              if (group.rank() != 0) {
                return new byte[0];
              }
              run.initialWeights().fill(model.parameters());
              return model.parameters().digest().getBytes(UTF_8);
            });
    return new String(digests.get(0), UTF_8);
  }

  private long restoreOrInitialize(TokenFlexModel model, AdamW adamW, String baseDigest)
      throws IOException {
    Optional<Checkpoints.Published> chosen =
        checkpoints.chooseForAll(group, run.config().checkpointTimeout());
    if (chosen.isEmpty()) {
      sharedWork.run(
          "loading the first weights",
          () -> {
            if (group.rank() == 0) { // the others get these values before the first step
              initialize(model);
            }
            return new byte[0];
          });
      return 0;
    }
    Checkpoints.Published checkpoint = chosen.get();
    sharedWork.run(
        "reading checkpoint " + checkpoint.folder(),
        () -> {
          restore(checkpoint, model, adamW, baseDigest);
          return new byte[0];
        });
    return checkpoint.manifest().step();
  }

  private void restore(
      Checkpoints.Published checkpoint, TokenFlexModel model, AdamW adamW, String baseDigest)
      throws IOException {
    TrainState stored = checkpoints.readState(checkpoint);
    checkContinues(checkpoint, stored, state(stored.step(), adamW.segments(), baseDigest));
    Optional<byte[]> settings = checkpoints.readFile(checkpoint, TrainSettings.FILE_NAME);
    if (settings.isPresent()) { // not in checkpoints of older versions
      List<String> changes = settings(model).changesSince(settings.get());
      if (!changes.isEmpty()) {
        listener.settingsChanged(changes);
      }
    }
    checkpoints.restore(checkpoint, model, adamW);
  }

  private TrainSettings settings(TokenFlexModel model) {
    return TrainSettings.of(run.config(), model.computeType(), group.worldSize());
  }

  private Map<String, byte[]> modelFiles(TokenFlexModel model) throws IOException {
    Map<String, byte[]> files = new HashMap<>(run.modelFiles());
    files.put(TrainSettings.FILE_NAME, settings(model).toJson());
    return files;
  }

  /** Refuses to resume what this run would not continue, naming everything that differs. */
  private void checkContinues(Checkpoints.Published checkpoint, TrainState stored, TrainState now)
      throws IOException {
    List<String> differences = now.differencesFrom(stored);
    differences.addAll(
        ModelFolderDifferences.between(
            file -> checkpoints.readFile(checkpoint, file), run.modelFiles()));
    if (!differences.isEmpty()) {
      throw new InvalidInputException(
          "Cannot resume from %s: %s. Restore these settings, or start a new run in another run.dir"
              .formatted(checkpoint.folder(), String.join("; ", differences)));
    }
  }

  private void initialize(TokenFlexModel model) throws IOException {
    if (run.config().lora().isEmpty()) {
      run.initialWeights().fill(model.parameters());
    } else if (run.adapter().isPresent()) {
      new AdapterTensors(model).copyFrom(run.adapter().get());
    } else {
      model.adapters().orElseThrow().initialize(run.seed());
    }
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

  private TrainState state(long step, List<Segment> trained, String baseDigest) {
    return new TrainState(
        step,
        group.worldSize(),
        run.seed(),
        run.config().lanes(),
        run.config().globalBatchSize(),
        run.config().windowRowGroups(),
        run.source().fingerprint(),
        run.schedule().toString(),
        trained.stream().map(Segment::name).toList(),
        run.lora().map(LoraLayout::toString).orElse(""),
        baseDigest);
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
