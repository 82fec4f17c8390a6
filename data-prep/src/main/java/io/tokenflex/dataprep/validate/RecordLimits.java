package io.tokenflex.dataprep.validate;

import io.tokenflex.failure.Expect;
import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.image.ImageLimits;
import java.io.Serializable;
import java.util.Locale;

/**
 * Limits of a record.
 *
 * @param maxPixels maximum width times height of an image
 * @param maxSide maximum width or height in pixels
 * @param minSide minimum width or height in pixels
 * @param maxAspectRatio maximum ratio of the longer to the shorter side
 * @param maxImageBytes maximum size of an image file
 * @param maxTextChars maximum total length of a record's texts
 */
public record RecordLimits(
    long maxPixels,
    int maxSide,
    int minSide,
    double maxAspectRatio,
    long maxImageBytes,
    int maxTextChars)
    implements Serializable {
  private static final int LARGEST_ARRAY = Integer.MAX_VALUE - 16;

  public RecordLimits {
    new ImageLimits(maxPixels, maxSide, minSide, maxAspectRatio);
    if (maxPixels > LARGEST_ARRAY / 3) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "maxPixels is %d; an image fits into memory up to %d",
              maxPixels,
              LARGEST_ARRAY / 3));
    }
    if (maxImageBytes < 1 || maxImageBytes >= LARGEST_ARRAY) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "maxImageBytes is %d; expected 1 to %d",
              maxImageBytes,
              LARGEST_ARRAY - 1));
    }
    Expect.atLeastOne("maxTextChars", maxTextChars);
  }

  /** The limits that the decoder enforces. */
  public ImageLimits ofImages() {
    return new ImageLimits(maxPixels, maxSide, minSide, maxAspectRatio);
  }
}
