package io.tokenflex.jobs.train;

import io.tokenflex.dataprep.shard.DatasetFolder;
import io.tokenflex.dataprep.shard.Manifest;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** Decides which version of the training data a run reads, once for all ranks and attempts. */
final class DataVersion {
  private DataVersion() {}

  /**
   * The configured version; else the one that a checkpoint was trained on, if the newest grew out
   * of it; else the newest.
   *
   * @param trainedOn data fingerprint of the checkpoint to resume from, if there is one
   * @throws IllegalArgumentException if there is no dataset, or no such version
   */
  static int choose(DatasetFolder dataset, Optional<Integer> configured, Optional<String> trainedOn)
      throws IOException {
    int chosen = dataset.require(configured).version();
    if (configured.isPresent() || trainedOn.isEmpty()) {
      return chosen;
    }
    List<Integer> versions = dataset.versions();
    for (int version = chosen; versions.contains(version); ) {
      Manifest manifest = dataset.read(version);
      if (manifest.contentFingerprint().equals(trainedOn.get())) {
        return version;
      }
      version = manifest.parent();
    }
    return chosen; // the ranks refuse to resume on it and say why
  }
}
