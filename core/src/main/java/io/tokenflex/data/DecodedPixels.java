package io.tokenflex.data;

import static java.util.Objects.requireNonNull;

import io.tokenflex.image.ImageDecoder;
import io.tokenflex.image.ImageTransform;

/** Decodes a picture and applies the model's image transform. */
public final class DecodedPixels implements PixelTransform {
  /** The prepare job has its own, stricter limit; this one only stops a damaged shard. */
  private static final long MAX_PIXELS = 1L << 28;

  private final ImageDecoder decoder = new ImageDecoder(MAX_PIXELS);
  private final ImageTransform transform;

  public DecodedPixels(ImageTransform transform) {
    this.transform = requireNonNull(transform, "transform");
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
