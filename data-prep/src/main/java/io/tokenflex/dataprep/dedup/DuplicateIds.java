package io.tokenflex.dataprep.dedup;

/** How records that share an id are handled. */
public enum DuplicateIds {
  /** The first is kept, the others are rejected. */
  REJECT,
  /**
   * All are kept; a dash and 16 digits of the record's digest are appended to the ids of the
   * others, so that their ids do not depend on preceding records.
   */
  NUMBER
}
