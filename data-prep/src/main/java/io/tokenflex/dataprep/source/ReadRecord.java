package io.tokenflex.dataprep.source;

import io.tokenflex.dataprep.record.LostPart;
import io.tokenflex.dataprep.record.RecordRejectedException;
import io.tokenflex.dataprep.record.RejectReason;
import io.tokenflex.dataprep.record.SourceRecord;

/** What a source made of one record. */
public sealed interface ReadRecord {
  /** Place in the input file, counted from 0 over all records. */
  long position();

  /** A record whose form was understood. */
  record Parsed(long position, SourceRecord record) implements ReadRecord {}

  /**
   * A record whose form was not.
   *
   * @param id empty if the record has none
   * @param detail names the value and what was expected
   * @param valueSample start of the value at fault
   * @param lost how much of the input cannot be read because of it
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

    /** Several records, from this position on, that cannot be read. */
    static Malformed ofPart(long position, LostPart lost, RecordRejectedException refusal) {
      return new Malformed(
          position, "", refusal.reason(), refusal.getMessage(), refusal.valueSample(), lost);
    }
  }
}
