package io.tokenflex.image;

import static java.util.Objects.requireNonNull;

import io.tokenflex.failure.InvalidInputException;
import java.util.Locale;

/**
 * An image to be stored.
 *
 * @param bytes the original file or a re-encoded one; not copied, must not be modified
 * @param width pixels, after EXIF orientation
 * @param height pixels, after EXIF orientation
 */
@SuppressWarnings("ArrayRecordComponent") // never compared as a record
public record NormalizedImage(byte[] bytes, int width, int height) {
  public NormalizedImage {
    requireNonNull(bytes, "bytes");
    if (width < 1 || height < 1) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "A picture of %dx%d cannot be; both sides must be at least 1",
              width,
              height));
    }
  }
}
