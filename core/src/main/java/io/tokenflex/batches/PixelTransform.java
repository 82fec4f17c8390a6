package io.tokenflex.batches;

import io.tokenflex.samples.EncodedImage;

/** From an encoded picture to the values that the vision tower takes. Thread-safe. */
public interface PixelTransform {
  /** Side of a square tile in pixels. */
  int imageSize();

  /**
   * How many tiles {@link #write} makes of a picture: how many images it is to the vision tower.
   * Cheap, because the size alone decides.
   */
  default int numTiles(EncodedImage image) {
    return 1;
  }

  /**
   * Decodes, resizes, tiles and normalises {@code image}.
   *
   * @param pixels receives numTiles x 3 x imageSize x imageSize values, tile after tile, channel by
   *     channel, from {@code offset}
   * @throws io.tokenflex.image.ImageDecodeException if the picture cannot be decoded
   */
  void write(EncodedImage image, float[] pixels, int offset);
}
