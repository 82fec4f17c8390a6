package io.tokenflex.batches;

import static java.util.Objects.requireNonNull;

import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.image.ImageDecoder;
import io.tokenflex.image.ImageTransform;
import io.tokenflex.image.LevelNormalization;
import io.tokenflex.image.RgbImage;
import io.tokenflex.samples.EncodedImage;
import java.util.Locale;

/** Decodes an image and applies the model's image transform, but for the normalization. */
public final class DecodedPixels implements PixelTransform {
  /** Only guards against damaged shards; {@code prepare} enforces its own, stricter limit. */
  private static final long MAX_PIXELS = 1L << 28;

  private final ImageDecoder decoder = new ImageDecoder(MAX_PIXELS);
  private final ImageTransform transform;
  private final int imageSize;

  /**
   * Creates the transform for a vision tower.
   *
   * @throws IllegalArgumentException if the transform's tiles are not square
   */
  public DecodedPixels(ImageTransform transform) {
    this.transform = requireNonNull(transform, "transform");
    this.imageSize = transform.imageSize();
  }

  @Override
  public int imageSize() {
    return imageSize;
  }

  @Override
  public LevelNormalization normalization() {
    return transform.normalization();
  }

  @Override
  public int numTiles(EncodedImage image) {
    return transform.numTiles(image.width(), image.height());
  }

  /**
   * Writes the tiles of an image.
   *
   * @throws IllegalArgumentException if the decoded size differs from the size recorded in the
   *     shard, so that the number of tiles is not what {@link #numTiles} returned
   */
  @Override
  public void write(EncodedImage image, byte[] levels, int offset) {
    RgbImage decoded = decoder.decode(image.bytes());
    int numTiles = transform.numTiles(decoded.width(), decoded.height());
    if (numTiles != numTiles(image)) {
      throw new InvalidInputException(
          String.format(
                  Locale.ROOT,
                  "Image %s is stored as %d x %d pixels (%d tiles) but its file has %d x %d (%d tiles);",
                  image.sha256(),
                  image.width(),
                  image.height(),
                  numTiles(image),
                  decoded.width(),
                  decoded.height(),
                  numTiles)
              + " prepare the dataset again");
    }
    transform.apply(decoded, levels, offset);
  }
}
