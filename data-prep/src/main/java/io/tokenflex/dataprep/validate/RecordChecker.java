package io.tokenflex.dataprep.validate;

import io.tokenflex.dataprep.source.ImageFolder;
import io.tokenflex.dataprep.source.RawRecord;
import io.tokenflex.dataprep.validate.CheckedRecord.Accepted;
import io.tokenflex.dataprep.validate.CheckedRecord.Rejected;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Runs every check on a record, the cheap ones first. Whether an id is taken is the only thing it
 * cannot see. Not for several threads.
 */
public final class RecordChecker {
  private final String sourceFile;
  private final ConversationRules conversationRules;
  private final ImageRules imageRules;

  /**
   * Makes a checker.
   *
   * @param sourceFile name of the input file, for rejects
   */
  public RecordChecker(
      String sourceFile, ImageFolder folder, int maxTextChars, int maxImageBytes, long maxPixels) {
    this.sourceFile = sourceFile;
    this.conversationRules = new ConversationRules(maxTextChars);
    this.imageRules = new ImageRules(folder, maxImageBytes, maxPixels);
  }

  /**
   * Checks a record.
   *
   * @throws IOException if storage fails, which says nothing about the record
   */
  public CheckedRecord check(RawRecord raw) throws IOException {
    try {
      LlavaRecord llava = LlavaParser.parse(raw);
      conversationRules.check(llava);
      List<CheckedImage> images = new ArrayList<>();
      for (String name : llava.imageNames()) {
        images.add(imageRules.check(name));
      }
      return new Accepted(raw.position(), llava, images);
    } catch (RecordRejectedException e) {
      return new Rejected(
          LlavaParser.idOrEmpty(raw),
          e.reason(),
          e.getMessage(),
          sourceFile,
          raw.position(),
          e.valueSample());
    }
  }
}
