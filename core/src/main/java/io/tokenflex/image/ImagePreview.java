package io.tokenflex.image;

/**
 * Encodes small previews that show exactly the pixels used in training, whatever a viewer does with
 * EXIF orientation, colour profiles and animation. Thread-safe.
 */
public final class ImagePreview {
  private static final int JPEG_QUALITY = 90;

  private final ImageDecoder decoder;
  private final ImageNormalizer normalizer;
  private final int maxSide;
  private final int maxPngBytes;

  /**
   * Creates an encoder of previews.
   *
   * @param maxSide maximum length of the longer side in pixels; larger images are downscaled
   * @param maxPngBytes previews whose PNG is larger are encoded as JPEG
   */
  public ImagePreview(ImageDecoder decoder, int maxSide, int maxPngBytes) {
    this.decoder = decoder;
    this.normalizer = new ImageNormalizer(new ImageNormalization(maxSide, JPEG_QUALITY));
    this.maxSide = maxSide;
    this.maxPngBytes = maxPngBytes;
  }

  /**
   * Encodes a preview as PNG or JPEG without metadata.
   *
   * @throws ImageDecodeException if the image cannot be decoded
   */
  public byte[] of(byte[] file) {
    RgbImage decoded = decoder.decode(file);
    boolean isLarge = Math.max(decoded.width(), decoded.height()) > maxSide;
    RgbImage shown = isLarge ? normalizer.reduce(decoded) : decoded;
    byte[] png = ImageEncoder.png(shown);
    return png.length <= maxPngBytes ? png : ImageEncoder.jpeg(shown, JPEG_QUALITY);
  }
}
