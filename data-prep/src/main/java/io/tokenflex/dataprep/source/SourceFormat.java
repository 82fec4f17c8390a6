package io.tokenflex.dataprep.source;

import java.io.IOException;
import java.io.Serializable;
import java.util.List;

/**
 * A kind of input file. Implementations hold no state: the driver plans, tasks read.
 *
 * <p>Reading the same split again gives the same records.
 */
public interface SourceFormat extends Serializable {
  /** The word for it in configuration files. */
  String name();

  /**
   * Whether a file looks like one of this kind.
   *
   * @param fileName the file's name without its folder
   * @param head its first bytes, at most 64 KiB
   */
  boolean recognises(String fileName, byte[] head);

  /**
   * Cuts a file into splits, on the driver.
   *
   * @throws IllegalArgumentException if the file as a whole is not what it should be
   */
  List<SourceSplit> plan(SourceFile file, SourceOptions options) throws IOException;

  /**
   * Reads the records of a split in order, in a task. A record that is not understood is one that
   * is {@link ReadRecord.Malformed}; it never stops the others where the format allows to go on.
   *
   * @throws IOException if storage fails, which says nothing about the records
   */
  void read(SourceFile file, SourceSplit split, SourceOptions options, RecordSink sink)
      throws IOException;

  /** Takes the records as they come. */
  @FunctionalInterface
  interface RecordSink {
    void accept(ReadRecord record) throws IOException;
  }
}
