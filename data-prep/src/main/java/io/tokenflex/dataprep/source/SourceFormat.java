package io.tokenflex.dataprep.source;

import java.io.IOException;
import java.io.Serializable;
import java.util.List;

/**
 * An input file format. Stateless: the driver plans splits, tasks read them.
 *
 * <p>Deterministic: reading a split again gives the same records.
 */
public interface SourceFormat extends Serializable {
  /** Its name in configuration files. */
  String name();

  /**
   * Whether a file appears to have this format.
   *
   * @param fileName without the folder
   * @param head its first bytes, at most 64 KiB
   */
  boolean recognises(String fileName, byte[] head);

  /**
   * Plans the splits of a file, on the driver.
   *
   * @throws IllegalArgumentException if the file as a whole is invalid
   */
  List<SourceSplit> plan(SourceFile file, SourceOptions options) throws IOException;

  /**
   * Reads the records of a split in order, in a task. A malformed record is passed on as {@link
   * ReadRecord.Malformed} and does not stop the others, as far as the format permits.
   *
   * @throws IOException if storage fails, which does not reject records
   */
  void read(SourceFile file, SourceSplit split, SourceOptions options, RecordSink sink)
      throws IOException;

  /** Receives the records in order. */
  @FunctionalInterface
  interface RecordSink {
    void accept(ReadRecord record) throws IOException;
  }
}
