package io.tokenflex.dataprep;

import io.tokenflex.dataprep.shard.Manifest;

/**
 * What a preparation did.
 *
 * @param manifest of the dataset's newest version
 */
public record PrepareSummary(Outcome outcome, Manifest manifest) {
  /** In words, for a log. */
  public String toOneLine() {
    Manifest.Run run = manifest.run();
    if (outcome == Outcome.NOTHING_NEW) {
      return "nothing new";
    }
    String present =
        run.alreadyPresent() == 0 ? "" : ", %d were there already".formatted(run.alreadyPresent());
    return "added %d of %d records, %d rejected%s"
        .formatted(run.rows(), run.inputRows(), run.numRejects(), present);
  }

  /** What was done. */
  public enum Outcome {
    /** A version with further samples was published. */
    PUBLISHED,
    /** The dataset holds every sample of the input already. */
    NOTHING_NEW
  }
}
