package io.tokenflex.train;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.tokenflex.checkpoint.Checkpoints;
import io.tokenflex.checkpoint.TrainState;
import io.tokenflex.distributed.ProcessGroup;
import io.tokenflex.distributed.SharedWork;
import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.lora.AdapterTensors;
import io.tokenflex.model.TokenFlexModel;
import io.tokenflex.optimizer.AdamW;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * Brings all ranks to one starting state: the checkpoint that rank 0 chooses or, where there is
 * none, first weights, which rank 0 makes and {@link TrainStep#broadcastWeights} then gives to the
 * others.
 */
final class StartAgreement {
  private final TrainingRun run;
  private final ProcessGroup group;
  private final Checkpoints checkpoints;
  private final TrainingListener listener;
  private final SharedWork sharedWork;

  /**
   * What all ranks start from.
   *
   * @param step the first to train, counted from 0
   * @param baseDigest of the weights beside which adapters train; empty where the model trains
   */
  record Start(long step, String baseDigest) {}

  StartAgreement(
      TrainingRun run, ProcessGroup group, Checkpoints checkpoints, TrainingListener listener) {
    this.run = run;
    this.group = group;
    this.checkpoints = checkpoints;
    this.listener = listener;
    this.sharedWork = new SharedWork(group, run.config().checkpointTimeout(), Checkpoints.TIMEOUT);
  }

  /**
   * Fills the model and the optimizer's moments; a collective call.
   *
   * @throws IllegalArgumentException if the newest checkpoint belongs to another run
   */
  Start reach(TokenFlexModel model, AdamW adamW) throws IOException {
    String baseDigest = run.config().lora().isPresent() ? loadBase(model) : "";
    Optional<Checkpoints.Published> checkpoint =
        checkpoints.chooseForAll(group, run.config().checkpointTimeout());
    if (checkpoint.isPresent()) {
      restore(checkpoint.get(), model, adamW, baseDigest);
    } else {
      initialize(model);
    }
    return new Start(checkpoint.map(found -> found.manifest().step()).orElse(0L), baseDigest);
  }

  /** Fills the model on rank 0; every rank learns the digest of the weights. */
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

  private void initialize(TokenFlexModel model) throws IOException {
    sharedWork.run(
        "loading the first weights",
        () -> {
          if (group.rank() == 0) {
            fill(model);
          }
          return new byte[0];
        });
  }

  private void fill(TokenFlexModel model) throws IOException {
    if (run.config().lora().isEmpty()) {
      run.initialWeights().fill(model.parameters());
    } else if (run.adapter().isPresent()) {
      new AdapterTensors(model).copyFrom(run.adapter().get());
    } else {
      model.adapters().orElseThrow().initialize(run.seed());
    }
  }

  private void restore(
      Checkpoints.Published checkpoint, TokenFlexModel model, AdamW adamW, String baseDigest)
      throws IOException {
    sharedWork.run(
        "reading checkpoint " + checkpoint.folder(),
        () -> {
          checkContinues(checkpoint, adamW, baseDigest);
          nameChangedSettings(checkpoint, model);
          checkpoints.restore(checkpoint, model, adamW);
          return new byte[0];
        });
  }

  /** Refuses to resume what this run would not continue, naming everything that differs. */
  private void checkContinues(Checkpoints.Published checkpoint, AdamW adamW, String baseDigest)
      throws IOException {
    TrainState stored = checkpoints.readState(checkpoint);
    TrainState now = run.state(stored.step(), group.worldSize(), adamW.segments(), baseDigest);
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

  private void nameChangedSettings(Checkpoints.Published checkpoint, TokenFlexModel model)
      throws IOException {
    Optional<byte[]> stored = checkpoints.readFile(checkpoint, TrainSettings.FILE_NAME);
    if (stored.isEmpty()) { // checkpoints of older versions
      return;
    }
    List<String> changes =
        TrainSettings.of(run.config(), model.computeType(), group.worldSize())
            .changesSince(stored.get());
    if (!changes.isEmpty()) {
      listener.settingsChanged(changes);
    }
  }
}
