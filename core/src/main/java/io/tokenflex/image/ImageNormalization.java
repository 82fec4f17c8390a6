package io.tokenflex.image;

import io.tokenflex.failure.InvalidInputException;
import java.io.Serializable;

/**
 * How images are downscaled before they are stored.
 *
 * @param maxSide images with a longer side are downscaled to this many pixels; 0 disables resizing
 * @param jpegQuality 1 to 100, on libjpeg's scale, for images re-encoded as JPEG
 */
public record ImageNormalization(int maxSide, int jpegQuality) implements Serializable {
  private static final long serialVersionUID = 1;

  public ImageNormalization {
    if (maxSide < 0) {
      throw new InvalidInputException(
          "maxSide is " + maxSide + "; expected 0 (never resize) or more");
    }
    if (jpegQuality < 1 || jpegQuality > 100) {
      throw new InvalidInputException("jpegQuality is " + jpegQuality + "; expected 1 to 100");
    }
  }
}
