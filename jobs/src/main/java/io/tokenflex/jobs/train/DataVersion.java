package io.tokenflex.jobs.train;

import io.tokenflex.dataprep.shard.DatasetFolder;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** Decides which version of the training data a run reads, once for all ranks and attempts. */
final class DataVersion {
  private DataVersion() {}

  /**
   * The configured version; else the one that a checkpoint was trained on, however many have been
   * added since; else the newest.
   *
   * @param trainedOn data fingerprint of the checkpoint to resume from, if there is one
   * @throws IllegalArgumentException if there is no dataset, or no such version
   */
  static int choose(DatasetFolder dataset, Optional<Integer> configured, Optional<String> trainedOn)
      throws IOException {
    if (configured.isPresent()) {
      return dataset.read(configured.get()).version();
    }
    int newest = dataset.requireNewest().version();
    if (trainedOn.isEmpty()) {
      return newest;
    }
    List<Integer> versions = dataset.versions();
    for (int i = versions.size() - 1; i >= 0; i--) {
      if (dataset.read(versions.get(i)).contentFingerprint().equals(trainedOn.get())) {
        return versions.get(i);
      }
    }
    return newest; // the ranks refuse to resume on it and say why
  }
}
