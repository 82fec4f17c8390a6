package io.tokenflex.dataprep;

import io.tokenflex.dataprep.validate.CheckedRecord;
import io.tokenflex.dataprep.validate.CheckedRecord.Accepted;
import io.tokenflex.dataprep.validate.CheckedRecord.Rejected;
import io.tokenflex.dataprep.validate.RejectReason;
import java.util.Iterator;

/**
 * Lets the first record of each id pass; equal ids are neighbours in {@link ShuffleKey}'s order.
 */
final class DuplicateMarking implements Iterator<CheckedRecord> {
  private final Iterator<Accepted> records;
  private final String sourceFile;
  private String previousId;
  private long firstPosition;

  DuplicateMarking(Iterator<Accepted> records, String sourceFile) {
    this.records = records;
    this.sourceFile = sourceFile;
  }

  @Override
  public boolean hasNext() {
    return records.hasNext();
  }

  @Override
  public CheckedRecord next() {
    Accepted record = records.next();
    String id = record.llava().id();
    if (!id.equals(previousId)) {
      previousId = id;
      firstPosition = record.position();
      return record;
    }
    return new Rejected(
        id,
        RejectReason.DUPLICATE_ID,
        "Record %d has the same id and was kept".formatted(firstPosition),
        sourceFile,
        record.position(),
        id);
  }
}
