package io.tokenflex.dataprep.verify;

import java.io.Serializable;

/** What the check of one file hands on. */
sealed interface Finding extends Serializable {
  /** A fault told in full. */
  record Told(Fault fault) implements Finding {}

  /** How much was found in a file. */
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
