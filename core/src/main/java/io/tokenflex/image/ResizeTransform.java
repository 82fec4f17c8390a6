package io.tokenflex.image;

import static java.util.Objects.requireNonNull;

/**
 * Resizes the whole image to one tile, ignoring the aspect ratio. Equals transformers' {@code
 * SiglipImageProcessor}.
 *
 * @param height tile height in pixels
 * @param width tile width in pixels
 */
public record ResizeTransform(
    int height, int width, ResampleFilter filter, LevelNormalization normalization)
    implements ImageTransform {
  public ResizeTransform {
    TileSize.check("height", height);
    TileSize.check("width", width);
    requireNonNull(filter, "filter");
    requireNonNull(normalization, "normalization");
  }

  @Override
  public ImageTransform withImageSize(int imageSize) {
    return new ResizeTransform(imageSize, imageSize, filter, normalization);
  }

  @Override
  public int numTiles(int imageWidth, int imageHeight) {
    return 1;
  }

  @Override
  @SuppressWarnings("MemberName")
  public void apply(RgbImage image, byte[] levels_TCYX, int offset) {
    TilePlanes planes = new TilePlanes(this, 1, levels_TCYX, offset);
    Resampler.resample(
        image,
        width,
        height,
        new Resampler.Region(0, 0, width, height),
        filter,
        (y, row_CX) -> planes.put(0, y, 0, row_CX, 0, width));
  }
}
