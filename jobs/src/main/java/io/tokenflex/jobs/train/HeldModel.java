package io.tokenflex.jobs.train;

import io.tokenflex.checkpoint.CheckpointCatalog;
import io.tokenflex.checkpoint.CheckpointHold;
import io.tokenflex.dataprep.storage.HadoopStorage;
import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.jobs.run.RunFolder;
import io.tokenflex.storage.Storage;
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
  public static HeldModel newest(RunFolder run) throws IOException {
    Storage checkpoints = run.storage(TrainJob.CHECKPOINTS);
    Optional<CheckpointHold> hold = CheckpointHold.newest(checkpoints);
    if (hold.isEmpty()) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "No checkpoint in %s; train first, or name a model folder with --set evaluate.model=...",
              checkpoints.locationOf("")));
    }
    return new HeldModel(hold.get().location(), hold);
  }

  /**
   * A model folder, which need not be a checkpoint. Where a checkpoint's step lies under another
   * name, since an attempt broke while it saved that step, it is that one.
   *
   * @throws InvalidInputException if it is a checkpoint that is not published
   */
  public static HeldModel of(String folder, Configuration hadoop) throws IOException {
    Path path = new Path(folder);
    String name = path.getName();
    if (!CheckpointCatalog.isStep(name) || path.getParent() == null) {
      return new HeldModel(folder, Optional.empty());
    }
    Storage storage = new HadoopStorage(path.getParent().toString(), hadoop);
    CheckpointCatalog catalog = new CheckpointCatalog(storage);
    Optional<String> published = catalog.find(name);
    if (published.isEmpty() && catalog.isBeingSaved(name)) {
      throw new InvalidInputException(
          folder
              + " is no checkpoint: it has no manifest, for a training is writing it or broke while it"
              + " did; take another one");
    }
    Optional<CheckpointHold> hold =
        published.isPresent() ? CheckpointHold.of(storage, published.get()) : Optional.empty();
    boolean isOther = hold.isPresent() && !published.equals(Optional.of(name));
    return new HeldModel(isOther ? hold.get().location() : folder, hold);
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
