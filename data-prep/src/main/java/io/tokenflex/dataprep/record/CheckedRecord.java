package io.tokenflex.dataprep.record;

import io.tokenflex.dataprep.pack.PackedImage;
import io.tokenflex.samples.Turn;
import java.io.Serializable;
import java.util.List;
import java.util.Map;

/** Result of validating an input record. */
public sealed interface CheckedRecord extends Serializable {
  Place place();

  /**
   * A valid record; it can still be a duplicate.
   *
   * @param sourceFile path of the input file
   * @param recordDigest of the record as read from its source
   * @param heldCopies number of equal samples already in the dataset
   */
  record Accepted(
      Place place,
      String sourceFile,
      String id,
      List<PackedImage> images,
      List<Turn> conversation,
      Map<String, String> metadata,
      String recordDigest,
      int heldCopies)
      implements CheckedRecord {
    public Accepted {
      images = List.copyOf(images);
      conversation = List.copyOf(conversation);
      metadata = Map.copyOf(metadata);
    }

    /** This record with another id. */
    public Accepted withId(String otherId) {
      return new Accepted(
          place, sourceFile, otherId, images, conversation, metadata, recordDigest, heldCopies);
    }

    /** Rejects this record, for instance as a duplicate. */
    public Rejected rejected(RejectReason reason, String detail, String valueSample) {
      return new Rejected(place, sourceFile, id, reason, detail, valueSample, LostPart.ONE_RECORD);
    }
  }

  /**
   * A rejected record.
   *
   * @param sourceFile path of the input file
   * @param id empty if unknown
   * @param detail names the value and the expectation
   * @param valueSample start of the offending value
   * @param lost how much of the input it covers
   */
  record Rejected(
      Place place,
      String sourceFile,
      String id,
      RejectReason reason,
      String detail,
      String valueSample,
      LostPart lost)
      implements CheckedRecord {}
}
