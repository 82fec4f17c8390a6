package io.tokenflex.image;

import io.tokenflex.failure.Expect;
import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.image.ImageDecodeException.Reason;
import java.io.Serializable;
import java.util.Locale;

/**
 * Which sizes of pictures are accepted. A picture outside is refused from its header alone, before
 * any pixel is decoded, so a file of a few bytes cannot claim gigabytes of memory.
 *
 * @param maxPixels largest width times height
 * @param maxSide longest side in pixels
 * @param minSide shortest side in pixels
 * @param maxAspectRatio longer side divided by the shorter one; infinity for any
 */
public record ImageLimits(long maxPixels, int maxSide, int minSide, double maxAspectRatio)
    implements Serializable {
  private static final long serialVersionUID = 1;

  /** Three bytes a pixel must fit into one Java array, whatever the limits say. */
  private static final long MOST_PIXELS = (Integer.MAX_VALUE - 8) / 3;

  public ImageLimits {
    Expect.atLeastOne("maxPixels", maxPixels);
    Expect.atLeastOne("minSide", minSide);
    if (maxSide < minSide) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "maxSide is %d; expected at least minSide, which is %d",
              maxSide,
              minSide));
    }
    if (!(maxAspectRatio >= 1)) {
      throw new InvalidInputException(
          "maxAspectRatio is " + maxAspectRatio + "; expected at least 1");
    }
  }

  /** Limits the number of pixels only. */
  public static ImageLimits ofPixels(long maxPixels) {
    return new ImageLimits(maxPixels, Integer.MAX_VALUE, 1, Double.POSITIVE_INFINITY);
  }

  /**
   * Refuses a size outside the limits.
   *
   * @throws ImageDecodeException with reason TOO_LARGE, TOO_SMALL or TOO_ELONGATED
   */
  void check(ImageFormat format, int width, int height) {
    long pixels = (long) width * height;
    long mostPixels = Math.min(maxPixels, MOST_PIXELS);
    int longer = Math.max(width, height);
    int shorter = Math.min(width, height);
    if (pixels > mostPixels) {
      throw new ImageDecodeException(
          Reason.TOO_LARGE,
          String.format(
              Locale.ROOT,
              "%s of %dx%d has %d pixels; at most %d are allowed",
              format,
              width,
              height,
              pixels,
              mostPixels));
    }
    if (longer > maxSide) {
      throw new ImageDecodeException(
          Reason.TOO_LARGE,
          String.format(
              Locale.ROOT,
              "%s of %dx%d has a side of %d pixels; at most %d are allowed",
              format,
              width,
              height,
              longer,
              maxSide));
    }
    if (shorter < minSide) {
      throw new ImageDecodeException(
          Reason.TOO_SMALL,
          String.format(
              Locale.ROOT,
              "%s of %dx%d has a side of %d pixels; at least %d are needed",
              format,
              width,
              height,
              shorter,
              minSide));
    }
    if (longer > maxAspectRatio * shorter) {
      throw new ImageDecodeException(
          Reason.TOO_ELONGATED,
          String.format(
              Locale.ROOT,
              "%s of %dx%d has an aspect ratio of %s; at most %s is allowed",
              format,
              width,
              height,
              (double) longer / shorter,
              maxAspectRatio));
    }
  }
}
