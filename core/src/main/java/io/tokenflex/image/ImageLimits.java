package io.tokenflex.image;

import io.tokenflex.failure.Expect;
import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.image.ImageDecodeException.Reason;
import java.io.Serializable;
import java.util.Locale;

/**
 * Accepted image sizes. They are checked against the file's header before any pixel is decoded, so
 * a small file cannot cause a huge allocation.
 *
 * @param maxPixels maximum width times height
 * @param maxSide maximum length of the longer side in pixels
 * @param minSide minimum length of the shorter side in pixels
 * @param maxAspectRatio maximum ratio of the longer to the shorter side; may be infinite
 */
public record ImageLimits(long maxPixels, int maxSide, int minSide, double maxAspectRatio)
    implements Serializable {
  private static final long serialVersionUID = 1;

  /** Upper bound of {@code maxPixels}: three bytes per pixel must fit into one Java array. */
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
   * Validates a size.
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
