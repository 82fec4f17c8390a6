package io.tokenflex.dataprep.source;

import com.fasterxml.jackson.databind.JsonNode;
import io.tokenflex.dataprep.record.RecordRejectedException;
import io.tokenflex.dataprep.record.RejectReason;
import io.tokenflex.dataprep.record.SourceImage;
import java.util.Collection;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Rejects records that lost their image. A question about a missing image would train the model to
 * hallucinate, and a lost image (renamed column, failed download, unknown extension) looks like a
 * text-only record; these must therefore be enabled with {@link SourceOptions#textOnly}.
 */
final class PictureRule {
  private static final Pattern PICTURE_NAME =
      Pattern.compile(
          ".*\\.(jpe?g|jpe|jfif|png|webp|gif|bmp|tiff?|avif|hei[cf])",
          Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

  /** Longer texts are not file names. */
  private static final int MAX_NAME_CHARS = 2000;

  private PictureRule() {}

  /** Whether any field contains the name of an image, directly or nested. */
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
   * Checks that a record has an image or that text-only records are allowed.
   *
   * @param place where images were looked for, for the message
   * @param seen names of the record's fields or members, for the message
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
   * Checks that a caption has an image even if text-only records are allowed, because the default
   * prompt asks about an image.
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
