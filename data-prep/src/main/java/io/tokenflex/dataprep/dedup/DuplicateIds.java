package io.tokenflex.dataprep.dedup;

/** What becomes of records that share an id. */
public enum DuplicateIds {
  /** The first is kept, the others are rejected. */
  REJECT,
  /**
   * All are kept: the others' ids get a dash and 16 digits of the record's digest, which do not
   * change whatever comes before them.
   */
  NUMBER
}
