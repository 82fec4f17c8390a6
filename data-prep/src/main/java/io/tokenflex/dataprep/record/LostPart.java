package io.tokenflex.dataprep.record;

import io.tokenflex.failure.InvalidInputException;
import java.io.Serializable;

/**
 * How much of the input one reject stands for: a record, or a run of records that cannot be read.
 *
 * @param records that are lost; where their number is not known, 1 for all of them
 * @param bytes of the file that hold an unknown number of records, {@link #WHOLE_FILE}, or 0 where
 *     {@code records} says all
 */
public record LostPart(long records, long bytes) implements Serializable {
  /**
   * In the place of a number of bytes: how much the file held cannot be told from what is there.
   */
  private static final long WHOLE_FILE = -1;

  /** The record itself: what nearly every reject stands for. */
  public static final LostPart ONE_RECORD = new LostPart(1, 0);

  /**
   * A file, or the end of one that is cut off: how much is missing cannot be seen. It counts as a
   * whole file of its kind.
   */
  public static final LostPart FILE = new LostPart(1, WHOLE_FILE);

  public LostPart {
    if (records < 1 || bytes < WHOLE_FILE) {
      throw new InvalidInputException(
          "A reject stands for "
              + records
              + " records and "
              + bytes
              + " bytes; expected 1 or more");
    }
  }

  /** So many records, such as the rest of a row group. */
  public static LostPart ofRecords(long records) {
    return new LostPart(records, 0);
  }

  /** So many bytes of the file, in which nobody knows how many records were. */
  public static LostPart ofBytes(long bytes) {
    return new LostPart(1, bytes);
  }

  public boolean isFile() {
    return bytes == WHOLE_FILE;
  }
}
