package io.tokenflex.checkpoint;

/**
 * One act of those who write a run's checkpoints, in the order of its numbers.
 *
 * @param folder that becomes a checkpoint, of {@link Act#PUBLISH}; else empty
 * @param staging of earlier versions, which gave a folder of this name the name {@code folder}; now
 *     one that does not exist, so that they have nothing to finish. Empty in a {@link Act#BEGIN} of
 *     theirs
 * @param time ISO 8601
 */
record WriterRecord(
    long number, Act act, WriterIdentity writer, String folder, String staging, String time) {
  private static final String NO_STAGING = ".staging-none";

  /** What was done. */
  enum Act {
    /** An attempt begins: nobody before it may publish from now on. */
    BEGIN,
    /** A complete draft becomes a checkpoint: whoever comes next finishes that. */
    PUBLISH,
    /** The writer has ended; the next need not ask whether it is alive. */
    END
  }

  static WriterRecord begin(long number, WriterIdentity writer) {
    return new WriterRecord(number, Act.BEGIN, writer, "", NO_STAGING, WriterIdentity.now());
  }

  /** Whether who did this says what it removes, by {@link DraftRemovals}. */
  boolean tellsRemovals() {
    return act != Act.BEGIN || !staging.isEmpty();
  }

  static WriterRecord publish(long number, WriterIdentity writer, String folder) {
    return new WriterRecord(number, Act.PUBLISH, writer, folder, NO_STAGING, WriterIdentity.now());
  }

  static WriterRecord end(long number, WriterIdentity writer) {
    return new WriterRecord(number, Act.END, writer, "", "", WriterIdentity.now());
  }
}
