package io.tokenflex.dataprep.verify;

import java.io.Serializable;

/** A result of checking one file. */
sealed interface Finding extends Serializable {
  /** A reported fault. */
  record Told(Fault fault) implements Finding {}

  /** Counts for one file. */
  record Tally(long samples, long images, long faults) implements Finding {
    Tally plus(Tally other) {
      return new Tally(samples + other.samples, images + other.images, faults + other.faults);
    }
  }

  /**
   * A sample's id.
   *
   * @param file index of its shard
   */
  record Id(int file, String place, String id) implements Finding {}
}
