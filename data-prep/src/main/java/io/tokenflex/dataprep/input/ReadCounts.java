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
 * How many records a run read, and how many more it would have read had the files been whole. What
 * was read of a split must be what was planned: no record is lost uncounted.
 */
public final class ReadCounts {
  private final long numRead;
  private final double numUnread;

  private ReadCounts(long numRead, double numUnread) {
    this.numRead = numRead;
    this.numUnread = numUnread;
  }

  /**
   * What came of one split.
   *
   * @param records read or known to be lost
   * @param lostBytes of unknown contents
   * @param isFileLost whether the file cannot be read at all, or ends too early
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
   * Counts; computes the records.
   *
   * @param checked one partition for each split
   * @param held records of each split that are not among them
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

  /** Records that were read, or are known to be lost. */
  public long numRead() {
    return numRead;
  }

  /**
   * How many records there may be in what cannot be read, judged by the records of other files of
   * the format; infinite if none of them can be read.
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

  /** The files of one format: their records are taken to be of like size. */
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
      // Of a file that was cut off little may be left: it is taken to have been no smaller than
      // the whole ones.
      double meanOfWhole = (double) (bytes - bytesOfLostFiles) / (numFiles - numLostFiles);
      double lost = lostBytes + Math.max((double) bytesOfLostFiles, numLostFiles * meanOfWhole);
      return lost * records / readable;
    }
  }
}
