package io.tokenflex.data;

import io.tokenflex.image.ImageDecoder;
import io.tokenflex.image.ImageTransform;

/** SigLIP's image processor: squeeze to a square with antialiased bicubic, levels to -1..1. */
public final class SiglipPixels implements PixelTransform {
  /** The prepare job has its own, stricter limit; this one only stops a damaged shard. */
  private static final long MAX_PIXELS = 1L << 28;

  private final ImageDecoder decoder = new ImageDecoder(MAX_PIXELS);
  private final ImageTransform transform;

  public SiglipPixels(int imageSize) {
    transform = ImageTransform.siglip(imageSize);
  }

  @Override
  public int imageSize() {
    return transform.imageSize();
  }

  @Override
  public void write(EncodedImage image, float[] pixels, int offset) {
    transform.apply(decoder.decode(image.bytes()), pixels, offset);
  }
}
