package io.tokenflex.dataprep.source;

import java.io.Serializable;
import java.util.List;

/**
 * Consecutive records of one file, read by one task.
 *
 * @param offset start, in a unit defined by the format: bytes or row groups
 * @param end start of the next split, end of the file's records, or {@link #UNKNOWN}
 * @param firstPosition index of the first record in the file, from 0
 * @param numRecords number of records, or {@link #UNKNOWN}
 * @param imageNames values from elsewhere in the file, one per record; usually empty
 * @param dialect property of the whole file found while planning; usually empty
 */
public record SourceSplit(
    long offset,
    long end,
    long firstPosition,
    long numRecords,
    List<String> imageNames,
    String dialect)
    implements Serializable {
  /** Up to the end of the file. */
  public static final long UNKNOWN = -1;

  public SourceSplit {
    imageNames = List.copyOf(imageNames);
  }

  public SourceSplit(
      long offset, long end, long firstPosition, long numRecords, List<String> imageNames) {
    this(offset, end, firstPosition, numRecords, imageNames, "");
  }

  public SourceSplit(long offset, long firstPosition, long numRecords) {
    this(offset, UNKNOWN, firstPosition, numRecords, List.of());
  }

  SourceSplit withDialect(String value) {
    return new SourceSplit(offset, end, firstPosition, numRecords, imageNames, value);
  }
}
