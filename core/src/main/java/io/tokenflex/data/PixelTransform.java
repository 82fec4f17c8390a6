package io.tokenflex.data;

/** From an encoded picture to the values that the vision tower takes. Thread-safe. */
public interface PixelTransform {
  /** Side of the square output in pixels. */
  int imageSize();

  /**
   * Decodes, resizes and normalises {@code image}.
   *
   * @param pixels receives 3 x imageSize x imageSize values, channel by channel, from {@code
   *     offset}
   * @throws io.tokenflex.image.ImageDecodeException if the picture cannot be decoded
   */
  void write(EncodedImage image, float[] pixels, int offset);
}
