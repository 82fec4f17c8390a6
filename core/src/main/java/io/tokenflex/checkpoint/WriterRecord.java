package io.tokenflex.checkpoint;

/**
 * One act of those who write a run's checkpoints, in the order of its numbers.
 *
 * @param folder that is published, of {@link Act#PUBLISH}; else empty
 * @param staging the complete folder that gets this name
 * @param time ISO 8601
 */
record WriterRecord(
    long number, Act act, WriterIdentity writer, String folder, String staging, String time) {
  /** What was done. */
  enum Act {
    /** An attempt begins: nobody before it may publish from now on. */
    BEGIN,
    /** A complete staging folder is given its name: whoever comes next finishes that. */
    PUBLISH,
    /** The writer has ended; the next need not ask whether it is alive. */
    END
  }

  static WriterRecord begin(long number, WriterIdentity writer) {
    return new WriterRecord(number, Act.BEGIN, writer, "", "", WriterIdentity.now());
  }

  static WriterRecord publish(long number, WriterIdentity writer, String folder, String staging) {
    return new WriterRecord(number, Act.PUBLISH, writer, folder, staging, WriterIdentity.now());
  }

  static WriterRecord end(long number, WriterIdentity writer) {
    return new WriterRecord(number, Act.END, writer, "", "", WriterIdentity.now());
  }
}
