package io.tokenflex.jobs.train;

import io.tokenflex.checkpoint.CheckpointCatalog;
import io.tokenflex.checkpoint.CheckpointHold;
import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.jobs.run.RunFolder;
import java.io.IOException;
import java.util.Locale;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/** A model folder while it is read: if it is a checkpoint, training does not delete it. */
public final class HeldModel implements AutoCloseable {
  private final String folder;
  private final Optional<CheckpointHold> hold;

  private HeldModel(String folder, Optional<CheckpointHold> hold) {
    this.folder = folder;
    this.hold = hold;
  }

  /**
   * The newest checkpoint of a run.
   *
   * @throws InvalidInputException if it has none
   */
  public static HeldModel newest(RunFolder run, Configuration hadoop) throws IOException {
    String checkpoints = run.pathOf(TrainJob.CHECKPOINTS);
    Optional<CheckpointHold> hold =
        CheckpointHold.newest(new HadoopCheckpointStorage(checkpoints, hadoop));
    if (hold.isEmpty()) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "No checkpoint in %s; train first, or name a model folder with --set evaluate.model=...",
              checkpoints));
    }
    return new HeldModel(hold.get().location(), hold);
  }

  /** A model folder, which need not be a checkpoint. */
  public static HeldModel of(String folder, Configuration hadoop) throws IOException {
    Path path = new Path(folder);
    if (!CheckpointCatalog.isStep(path.getName()) || path.getParent() == null) {
      return new HeldModel(folder, Optional.empty());
    }
    HadoopCheckpointStorage storage =
        new HadoopCheckpointStorage(path.getParent().toString(), hadoop);
    return new HeldModel(folder, CheckpointHold.of(storage, path.getName()));
  }

  /** Where the model lies. */
  public String folder() {
    return folder;
  }

  @Override
  public void close() {
    hold.ifPresent(CheckpointHold::close);
  }
}
