package io.tokenflex.jobs.train;

import io.tokenflex.checkpoint.CheckpointCatalog;
import io.tokenflex.jobs.run.RunFolder;
import io.tokenflex.storage.Storage;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** The checkpoints of a run, for those who only name them. */
public final class RunCheckpoints {
  private RunCheckpoints() {}

  /** Name of the newest one's folder, if there is one. */
  public static Optional<String> newest(RunFolder run) throws IOException {
    return new CheckpointCatalog(run.storage(TrainJob.CHECKPOINTS)).newestFolder();
  }

  /** Full paths of all that are published, the oldest first. */
  public static List<String> all(RunFolder run) throws IOException {
    Storage checkpoints = run.storage(TrainJob.CHECKPOINTS);
    return new CheckpointCatalog(checkpoints)
        .publishedFolders().stream().sorted().map(checkpoints::locationOf).toList();
  }
}
