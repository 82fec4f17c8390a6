package io.tokenflex.dataprep.validate;

import io.tokenflex.dataprep.pack.PackedImage;
import io.tokenflex.dataprep.record.CheckedRecord;
import io.tokenflex.dataprep.record.CheckedRecord.Accepted;
import io.tokenflex.dataprep.record.CheckedRecord.Rejected;
import io.tokenflex.dataprep.record.LostPart;
import io.tokenflex.dataprep.record.Place;
import io.tokenflex.dataprep.record.RecordRejectedException;
import io.tokenflex.dataprep.record.SourceImage;
import io.tokenflex.dataprep.record.SourceRecord;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Runs all checks on a record, cheapest first, and packs its images. Duplicates are found
 * elsewhere. Not thread-safe.
 */
public final class RecordChecker {
  private final String sourceFile;
  private final ConversationRules conversationRules;
  private final ImageRules imageRules;

  /**
   * Creates a checker for the records of one file.
   *
   * @param sourceFile path of the input file, for the rejects table
   */
  public RecordChecker(String sourceFile, int maxTextChars, ImageRules imageRules) {
    this.sourceFile = sourceFile;
    this.conversationRules = new ConversationRules(maxTextChars);
    this.imageRules = imageRules;
  }

  /**
   * Checks a record.
   *
   * @param digest of the record as read from its source
   * @param heldCopies number of equal samples already in the dataset
   * @throws IOException if storage fails, which does not reject the record
   */
  public CheckedRecord check(Place place, SourceRecord record, String digest, int heldCopies)
      throws IOException {
    try {
      conversationRules.check(record);
      ReferenceRules.check(record);
      List<PackedImage> images = new ArrayList<>();
      for (SourceImage image : record.images()) {
        images.add(imageRules.check(image));
      }
      return new Accepted(
          place,
          sourceFile,
          record.id(),
          images,
          record.conversation(),
          record.metadata(),
          digest,
          heldCopies);
    } catch (RecordRejectedException e) {
      return new Rejected(
          place,
          sourceFile,
          record.id(),
          e.reason(),
          e.getMessage(),
          e.valueSample(),
          LostPart.ONE_RECORD);
    }
  }
}
