package io.tokenflex.dataprep.source;

import java.io.Serializable;
import java.util.List;

/**
 * A run of records of one file that one task reads.
 *
 * @param offset where it starts; what it counts is the format's own: bytes, or row groups
 * @param end where the next one starts, or the file's records end, or {@link #UNKNOWN}
 * @param firstPosition position of the first record in the file, counted from 0 over all records
 * @param numRecords how many records follow, or {@link #UNKNOWN}
 * @param imageNames what the format must know from elsewhere in the file, one for each record;
 *     mostly empty
 * @param dialect what the format found out about the whole file; mostly empty
 */
public record SourceSplit(
    long offset,
    long end,
    long firstPosition,
    long numRecords,
    List<String> imageNames,
    String dialect)
    implements Serializable {
  /** Everything up to the end of the file. */
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
