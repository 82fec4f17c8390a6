package io.tokenflex.dataprep.validate;

import java.io.Serializable;
import java.util.List;

/** What became of an input record. */
public sealed interface CheckedRecord extends Serializable {
  /** Place in the input file, counted from 0 over all records. */
  long position();

  /** A record that may go into a shard, unless its id turns out to be taken. */
  record Accepted(long position, LlavaRecord llava, List<CheckedImage> images)
      implements CheckedRecord {
    public Accepted {
      images = List.copyOf(images);
    }
  }

  /**
   * A record that may not.
   *
   * @param id empty if the record has none
   * @param detail names the value and what was expected
   * @param sourceFile name of the input file
   * @param valueSample start of the value at fault
   */
  record Rejected(
      String id,
      RejectReason reason,
      String detail,
      String sourceFile,
      long position,
      String valueSample)
      implements CheckedRecord {}
}
