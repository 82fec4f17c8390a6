package io.tokenflex.jobs.train;

import io.tokenflex.checkpoint.CheckpointCatalog;
import io.tokenflex.storage.Storage;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How far a training has come, as its checkpoints say: reports of ranks may get lost. */
final class CheckpointProgress {
  private static final Logger log = LoggerFactory.getLogger(CheckpointProgress.class);

  private final CheckpointCatalog catalog;
  private long known;

  CheckpointProgress(Storage storage) {
    this.catalog = new CheckpointCatalog(storage);
  }

  /** Steps of the newest checkpoint; what was known last if the storage does not answer. */
  long newestStep() {
    try {
      known = catalog.latestStep();
    } catch (IOException e) {
      log.warn("train: cannot list the checkpoints: {}", e.toString());
    }
    return known;
  }
}
