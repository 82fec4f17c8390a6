package io.tokenflex.jobs.train;

import io.tokenflex.dataprep.dataset.DatasetFolder;
import io.tokenflex.dataprep.dataset.Manifest;
import io.tokenflex.failure.InvalidInputException;
import java.io.IOException;
import java.util.Locale;
import java.util.Optional;

/** Decides which version of the training data a run reads, once for all ranks and attempts. */
final class DataVersion {
  private DataVersion() {}

  /**
   * The configured version; else the one that a checkpoint was trained on, if the newest grew out
   * of it; else the newest.
   *
   * @param trainedOn data fingerprint of the checkpoint to resume from, if there is one
   * @throws IllegalArgumentException if there is no dataset, no such version, or none left that the
   *     newest grew out of and the checkpoint was trained on
   */
  static int choose(DatasetFolder dataset, Optional<Integer> configured, Optional<String> trainedOn)
      throws IOException {
    Manifest chosen = dataset.require(configured);
    if (configured.isPresent() || trainedOn.isEmpty()) {
      return chosen.version();
    }
    Optional<Manifest> version = Optional.of(chosen);
    while (version.isPresent()) {
      if (version.get().contentFingerprint().equals(trainedOn.get())) {
        return version.get().version();
      }
      version = dataset.find(version.get().parent());
    }
    throw new InvalidInputException(
        String.format(
            Locale.ROOT,
            "Cannot resume: the data fingerprint was %s and is %s. Version %d of %s, the newest of %s, did not grow"
                + " out of what the checkpoint was trained on: the dataset was made anew, or that version was withdrawn by"
                + " 'tokenflex expire' together with shards that it alone had. Restore the dataset, or train into"
                + " another run.dir",
            trainedOn.get(),
            chosen.contentFingerprint(),
            chosen.version(),
            dataset,
            dataset.versions()));
  }
}
