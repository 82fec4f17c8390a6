package io.tokenflex.dataprep;

import io.tokenflex.dataprep.shard.Manifest;

/** What a preparation did and what is now at its output. */
public record PrepareSummary(Outcome outcome, Manifest manifest) {
  /** What was done. */
  public enum Outcome {
    /** The dataset was made and published. */
    PUBLISHED,
    /** The output already holds this dataset; nothing was done. */
    ALREADY_PUBLISHED
  }
}
