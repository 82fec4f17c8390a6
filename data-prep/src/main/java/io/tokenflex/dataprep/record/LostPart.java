package io.tokenflex.dataprep.record;

import io.tokenflex.failure.InvalidInputException;
import java.io.Serializable;

/**
 * How much of the input a reject covers: one record, or a range that cannot be read.
 *
 * @param records number of lost records; 1 if unknown
 * @param bytes size of a range with an unknown number of records, {@link #WHOLE_FILE}, or 0 if
 *     {@code records} is exact
 */
public record LostPart(long records, long bytes) implements Serializable {
  /** Value of {@code bytes} if the size of the lost range is unknown. */
  private static final long WHOLE_FILE = -1;

  /** The record itself. */
  public static final LostPart ONE_RECORD = new LostPart(1, 0);

  /**
   * A whole file, or the missing end of a truncated one. Its size is unknown and counted as a whole
   * file of its format.
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

  /** A known number of records, such as the rest of a row group. */
  public static LostPart ofRecords(long records) {
    return new LostPart(records, 0);
  }

  /** A range of the file with an unknown number of records. */
  public static LostPart ofBytes(long bytes) {
    return new LostPart(1, bytes);
  }

  public boolean isFile() {
    return bytes == WHOLE_FILE;
  }
}
