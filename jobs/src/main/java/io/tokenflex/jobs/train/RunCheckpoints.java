package io.tokenflex.jobs.train;

import io.tokenflex.checkpoint.CheckpointCatalog;
import io.tokenflex.jobs.run.RunFolder;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The checkpoints of a run, for those who only name them. */
public final class RunCheckpoints {
  private RunCheckpoints() {}

  /** Name of the newest one's folder, if there is one. */
  public static Optional<String> newest(RunFolder run) throws IOException {
    List<String> published = new ArrayList<>();
    for (String name : run.list(TrainJob.CHECKPOINTS)) {
      String manifest = CheckpointCatalog.manifestOf(TrainJob.CHECKPOINTS + "/" + name);
      if (CheckpointCatalog.isStep(name) && run.exists(manifest)) {
        published.add(name);
      }
    }
    return published.stream().max(CheckpointCatalog.bySteps());
  }
}
