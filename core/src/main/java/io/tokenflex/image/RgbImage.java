package io.tokenflex.image;

import static java.util.Objects.requireNonNull;

import io.tokenflex.failure.InvalidInputException;
import java.util.Locale;

/**
 * Decoded, upright pixels with eight bits per channel.
 *
 * @param rgb_YXC rows from the top, pixels as red, green, blue; not copied, must not be modified
 */
@SuppressWarnings({"ArrayRecordComponent", "MemberName"}) // pixels are never compared as a record
public record RgbImage(int width, int height, byte[] rgb_YXC) {
  public RgbImage {
    requireNonNull(rgb_YXC, "rgb_YXC");
    if (width < 1 || height < 1 || rgb_YXC.length != 3L * width * height) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "%d bytes cannot be an RGB image of %dx%d; expected %d",
              rgb_YXC.length,
              width,
              height,
              3L * width * height));
    }
  }
}
