package io.tokenflex.dataprep.source;

import io.tokenflex.dataprep.record.LostPart;
import io.tokenflex.dataprep.record.RecordRejectedException;
import io.tokenflex.dataprep.record.RejectReason;
import io.tokenflex.dataprep.record.SourceRecord;

/** Result of reading one record. */
public sealed interface ReadRecord {
  /** Index of the record in the file, from 0. */
  long position();

  /** A well-formed record. */
  record Parsed(long position, SourceRecord record) implements ReadRecord {}

  /**
   * A malformed record.
   *
   * @param id empty if unknown
   * @param detail names the value and the expectation
   * @param valueSample start of the offending value
   * @param lost how much of the input is unreadable because of it
   */
  record Malformed(
      long position,
      String id,
      RejectReason reason,
      String detail,
      String valueSample,
      LostPart lost)
      implements ReadRecord {
    static Malformed of(long position, String id, RecordRejectedException refusal) {
      return new Malformed(
          position,
          id,
          refusal.reason(),
          refusal.getMessage(),
          refusal.valueSample(),
          LostPart.ONE_RECORD);
    }

    /** Several unreadable records, starting at this position. */
    static Malformed ofPart(long position, LostPart lost, RecordRejectedException refusal) {
      return new Malformed(
          position, "", refusal.reason(), refusal.getMessage(), refusal.valueSample(), lost);
    }
  }
}
