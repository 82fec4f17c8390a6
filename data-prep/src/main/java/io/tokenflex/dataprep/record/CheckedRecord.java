package io.tokenflex.dataprep.record;

import io.tokenflex.dataprep.pack.PackedImage;
import io.tokenflex.samples.Turn;
import java.io.Serializable;
import java.util.List;
import java.util.Map;

/** What became of an input record. */
public sealed interface CheckedRecord extends Serializable {
  Place place();

  /**
   * A record that may go into a shard, unless it turns out to be there already.
   *
   * @param sourceFile path of the input file
   * @param recordDigest of the record as the source gave it
   * @param heldCopies how many equal samples the dataset holds already
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

    /** The same record under another id. */
    public Accepted withId(String otherId) {
      return new Accepted(
          place, sourceFile, otherId, images, conversation, metadata, recordDigest, heldCopies);
    }

    /** The same record as one that is refused after all. */
    public Rejected rejected(RejectReason reason, String detail, String valueSample) {
      return new Rejected(place, sourceFile, id, reason, detail, valueSample, LostPart.ONE_RECORD);
    }
  }

  /**
   * A record that may not.
   *
   * @param sourceFile path of the input file
   * @param id empty if the record has none
   * @param detail names the value and what was expected
   * @param valueSample start of the value at fault
   * @param lost how much of the input it stands for
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
