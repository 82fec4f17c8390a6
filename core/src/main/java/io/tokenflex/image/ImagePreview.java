package io.tokenflex.image;

/**
 * A small file to look at that shows the very pixels which training sees, whatever the viewer makes
 * of orientation, colour profiles and animation. Safe for use by several threads.
 */
public final class ImagePreview {
  private static final int JPEG_QUALITY = 90;

  private final ImageDecoder decoder;
  private final ImageNormalizer normalizer;
  private final int maxSide;
  private final int maxPngBytes;

  /**
   * Makes previews.
   *
   * @param decoder refuses what it refuses elsewhere
   * @param maxSide longer side in pixels; larger pictures are reduced
   * @param maxPngBytes larger previews are JPEGs
   */
  public ImagePreview(ImageDecoder decoder, int maxSide, int maxPngBytes) {
    this.decoder = decoder;
    this.normalizer = new ImageNormalizer(new ImageNormalization(maxSide, JPEG_QUALITY));
    this.maxSide = maxSide;
    this.maxPngBytes = maxPngBytes;
  }

  /**
   * Makes a PNG or JPEG without metadata.
   *
   * @throws ImageDecodeException if the picture cannot be decoded
   */
  public byte[] of(byte[] file) {
    RgbImage decoded = decoder.decode(file);
    boolean isLarge = Math.max(decoded.width(), decoded.height()) > maxSide;
    RgbImage shown = isLarge ? normalizer.reduce(decoded) : decoded;
    byte[] png = ImageEncoder.png(shown);
    return png.length <= maxPngBytes ? png : ImageEncoder.jpeg(shown, JPEG_QUALITY);
  }
}
