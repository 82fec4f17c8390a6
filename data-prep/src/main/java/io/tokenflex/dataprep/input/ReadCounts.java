package io.tokenflex.dataprep.input;

import io.tokenflex.dataprep.record.CheckedRecord;
import io.tokenflex.dataprep.record.CheckedRecord.Rejected;
import io.tokenflex.dataprep.record.LostPart;
import io.tokenflex.dataprep.source.SourceSplit;
import io.tokenflex.failure.InvalidInputException;
import java.io.Serializable;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.api.java.JavaRDD;

/**
 * Counts the records that a run read and estimates how many are unreadable. The number read from a
 * split must equal the planned number, so that no record is lost silently.
 */
public final class ReadCounts {
  private final long numRead;
  private final double numUnread;

  private ReadCounts(long numRead, double numUnread) {
    this.numRead = numRead;
    this.numUnread = numUnread;
  }

  /**
   * Counts of one split.
   *
   * @param records read, or known to be lost
   * @param lostBytes with an unknown number of records
   * @param isFileLost whether the file is unreadable or truncated
   */
  record OfSplit(int split, long records, long lostBytes, boolean isFileLost)
      implements Serializable {
    static Iterator<OfSplit> of(int split, Iterator<CheckedRecord> checked) {
      long records = 0;
      long lostBytes = 0;
      boolean isFileLost = false;
      while (checked.hasNext()) {
        LostPart part =
            checked.next() instanceof Rejected rejected ? rejected.lost() : LostPart.ONE_RECORD;
        records += part.records();
        isFileLost |= part.isFile();
        lostBytes += part.isFile() ? 0 : part.bytes();
      }
      return List.of(new OfSplit(split, records, lostBytes, isFileLost)).iterator();
    }
  }

  /**
   * Counts the records; evaluates the RDD.
   *
   * @param checked one partition per split
   * @param held records of each split that are not in {@code checked}
   * @throws InvalidInputException if a split gave another number of records than was planned
   */
  public static ReadCounts of(
      JavaRDD<CheckedRecord> checked, List<PlannedSplit> splits, Map<Integer, HeldRecords> held) {
    return of(
        checked.mapPartitionsWithIndex(OfSplit::of, /* preservesPartitioning= */ false).collect(),
        splits,
        held);
  }

  public static ReadCounts of(
      List<OfSplit> counts, List<PlannedSplit> splits, Map<Integer, HeldRecords> held) {
    Map<Integer, OfFile> files = new TreeMap<>();
    long numRead = 0;
    for (OfSplit count : counts.subList(0, splits.size())) {
      PlannedSplit split = splits.get(count.split());
      long records =
          count.records() + held.getOrDefault(count.split(), HeldRecords.NONE).numPresent();
      requirePlanned(split, records);
      files
          .computeIfAbsent(split.file().number(), number -> new OfFile(split.file()))
          .add(records, count);
      numRead += records;
    }
    Map<String, OfFormat> formats = new TreeMap<>();
    for (OfFile file : files.values()) {
      formats.computeIfAbsent(file.file.format().name(), name -> new OfFormat()).add(file);
    }
    return new ReadCounts(
        numRead, formats.values().stream().mapToDouble(OfFormat::numUnread).sum());
  }

  private static void requirePlanned(PlannedSplit split, long records) {
    SourceSplit planned = split.split();
    if (planned.numRecords() != SourceSplit.UNKNOWN && records != planned.numRecords()) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "%s: %d records from record %d on (offset %d) were counted, but %d were read. If something"
                  + " writes to the file, run again when it is finished; else repair the file there",
              split.file().path(),
              planned.numRecords(),
              planned.firstPosition(),
              planned.offset(),
              records));
    }
  }

  /** Number of records that were read or are known to be lost. */
  public long numRead() {
    return numRead;
  }

  /**
   * Estimated number of records in unreadable parts, from the mean record size of the format's
   * readable files; infinite if there are none.
   */
  public double numUnread() {
    return numUnread;
  }

  private static final class OfFile {
    private final InputFile file;
    private long records;
    private long lostBytes;
    private boolean isLost;

    OfFile(InputFile file) {
      this.file = file;
    }

    void add(long moreRecords, OfSplit count) {
      records += moreRecords;
      lostBytes += count.lostBytes();
      isLost |= count.isFileLost();
    }
  }

  /** Counts of all files of one format, whose records are assumed to have similar sizes. */
  private static final class OfFormat {
    private int numFiles;
    private int numLostFiles;
    private long records;
    private long bytes;
    private long bytesOfLostFiles;
    private long lostBytes;

    void add(OfFile file) {
      long fileBytes = file.file.identity().bytes();
      numFiles++;
      records += file.records;
      bytes += fileBytes;
      if (file.isLost) {
        numLostFiles++;
        bytesOfLostFiles += fileBytes;
      } else {
        lostBytes += Math.min(fileBytes, file.lostBytes);
      }
    }

    double numUnread() {
      if (numLostFiles == 0 && lostBytes == 0) {
        return 0;
      }
      long readable = bytes - bytesOfLostFiles - lostBytes;
      if (readable <= 0) {
        return Double.POSITIVE_INFINITY;
      }
      // A truncated file may be short, so it counts at least as much as an average complete one.
      double meanOfWhole = (double) (bytes - bytesOfLostFiles) / (numFiles - numLostFiles);
      double lost = lostBytes + Math.max((double) bytesOfLostFiles, numLostFiles * meanOfWhole);
      return lost * records / readable;
    }
  }
}
