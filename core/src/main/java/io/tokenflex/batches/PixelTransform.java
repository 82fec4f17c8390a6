package io.tokenflex.batches;

import io.tokenflex.image.LevelNormalization;
import io.tokenflex.samples.EncodedImage;

/** Turns an encoded image into the input of the vision tower. Thread-safe. */
public interface PixelTransform {
  /** Side of a square tile, in pixels. */
  int imageSize();

  /** How the model makes pixel values of the levels. */
  LevelNormalization normalization();

  /**
   * Number of tiles that {@link #write} produces for an image. Depends on its width and height
   * only, so nothing is decoded.
   */
  default int numTiles(EncodedImage image) {
    return 1;
  }

  /**
   * Decodes, resizes and tiles {@code image}.
   *
   * @param levels receives numTiles x 3 x imageSize x imageSize unsigned bytes, starting at {@code
   *     offset}
   * @throws io.tokenflex.image.ImageDecodeException if the image cannot be decoded
   */
  void write(EncodedImage image, byte[] levels, int offset);
}
