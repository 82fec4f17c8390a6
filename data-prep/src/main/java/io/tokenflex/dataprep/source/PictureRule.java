package io.tokenflex.dataprep.source;

import com.fasterxml.jackson.databind.JsonNode;
import io.tokenflex.dataprep.record.RecordRejectedException;
import io.tokenflex.dataprep.record.RejectReason;
import io.tokenflex.dataprep.record.SourceImage;
import java.util.Collection;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Text without its picture is no sample: a question about a picture that is not there teaches a
 * model to invent. A picture that is not where it is looked for (a column of another name, a
 * download that failed, a member with an unknown extension) looks just like a record of text alone,
 * so such records have to be asked for: {@link SourceOptions#textOnly}.
 */
final class PictureRule {
  private static final Pattern PICTURE_NAME =
      Pattern.compile(
          ".*\\.(jpe?g|jpe|jfif|png|webp|gif|bmp|tiff?|avif|hei[cf])",
          Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

  /** Longer texts are no names; the pattern need not look at them. */
  private static final int MAX_NAME_CHARS = 2000;

  private PictureRule() {}

  /** Whether a field of any name holds the name of a picture, or lists or objects that do. */
  static boolean namesPicture(JsonNode value) {
    if (value.isTextual()) {
      String text = value.textValue();
      return text.startsWith("data:image/")
          || (text.length() <= MAX_NAME_CHARS && PICTURE_NAME.matcher(text.strip()).matches());
    }
    for (JsonNode element : value) {
      if (namesPicture(element)) {
        return true;
      }
    }
    return value.isBinary();
  }

  /**
   * Checks that a record has a picture, or that none is expected.
   *
   * @param place where pictures were looked for, for the message
   * @param seen names of the fields or members that are there instead
   */
  static void check(
      List<SourceImage> images, SourceOptions options, String place, Collection<String> seen)
      throws RecordRejectedException {
    if (images.isEmpty() && !options.textOnly()) {
      throw new RecordRejectedException(
          RejectReason.IMAGE_MISSING,
          "The record has no picture in "
              + place
              + "; a text without its picture is no sample, unless the input has textOnly = true",
          String.join(", ", seen));
    }
  }

  /**
   * Checks that a caption has its picture even where records of text alone are asked for: the usual
   * prompt asks about a picture.
   */
  static void checkCaption(int numImages, SourceOptions options, String caption)
      throws RecordRejectedException {
    if (numImages == 0 && options.captionPrompt().equals(SourceOptions.USUAL_PROMPT)) {
      throw new RecordRejectedException(
          RejectReason.IMAGE_MISSING,
          "The record is a caption without its picture, and the usual prompt asks about a picture;"
              + " set captionPrompt to what a text alone answers",
          caption);
    }
  }
}
