package io.tokenflex.batches;

import io.tokenflex.samples.EncodedImage;

/** Turns an encoded image into the input of the vision tower. Thread-safe. */
public interface PixelTransform {
  /** Side of a square tile, in pixels. */
  int imageSize();

  /**
   * Number of tiles that {@link #write} produces for an image. Depends on its width and height
   * only, so nothing is decoded.
   */
  default int numTiles(EncodedImage image) {
    return 1;
  }

  /**
   * Decodes, resizes, tiles and normalizes {@code image}.
   *
   * @param pixels receives numTiles x 3 x imageSize x imageSize values, starting at {@code offset}
   * @throws io.tokenflex.image.ImageDecodeException if the image cannot be decoded
   */
  void write(EncodedImage image, float[] pixels, int offset);
}
