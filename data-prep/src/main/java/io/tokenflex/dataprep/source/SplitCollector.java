package io.tokenflex.dataprep.source;

import java.util.ArrayList;
import java.util.List;

/** Groups record offsets into splits of a suitable size for a task. */
final class SplitCollector {
  private static final int RECORDS_PER_SPLIT = 256;
  private static final int BYTES_PER_SPLIT = 4 << 20;

  private final List<SourceSplit> finished = new ArrayList<>();
  private final List<String> imageNames = new ArrayList<>();
  private long offset;
  private int numRecordsInSplit;
  private long numRecords;

  void add(long recordOffset) {
    boolean isFull =
        numRecordsInSplit == RECORDS_PER_SPLIT || recordOffset - offset >= BYTES_PER_SPLIT;
    if (numRecordsInSplit > 0 && isFull) {
      finishSplit(recordOffset);
    }
    if (numRecordsInSplit == 0) {
      offset = recordOffset;
    }
    numRecordsInSplit++;
    numRecords++;
  }

  /** Adds a record with a value for its reader; all records must then have one. */
  void add(long recordOffset, String imageName) {
    add(recordOffset);
    imageNames.add(imageName);
  }

  /** The splits, for formats without a known end of the last record. */
  List<SourceSplit> finish() {
    return finish(SourceSplit.UNKNOWN);
  }

  /**
   * The splits.
   *
   * @param end end of the last record
   */
  List<SourceSplit> finish(long end) {
    if (numRecordsInSplit > 0) {
      finishSplit(end);
    }
    return finished;
  }

  private void finishSplit(long end) {
    finished.add(
        new SourceSplit(
            offset, end, numRecords - numRecordsInSplit, numRecordsInSplit, imageNames));
    imageNames.clear();
    numRecordsInSplit = 0;
  }
}
