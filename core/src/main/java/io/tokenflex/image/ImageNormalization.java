package io.tokenflex.image;

import io.tokenflex.failure.InvalidInputException;
import java.io.Serializable;

/**
 * How pictures are made smaller before they are stored.
 *
 * @param maxSide pictures whose longer side has more pixels are reduced to this many; 0 never
 *     resizes
 * @param jpegQuality 1 to 100, on libjpeg's scale, for pictures that are encoded again as JPEG
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
