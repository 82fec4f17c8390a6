package io.tokenflex.image;

import static java.util.Objects.requireNonNull;

import io.tokenflex.failure.InvalidInputException;
import java.util.Locale;

/**
 * Resizes the shorter side, then crops one centered tile; a tile larger than the resized image is
 * padded with black. Equals transformers' {@code CLIPImageProcessor}.
 *
 * @param shortestEdge length of the shorter side after resizing, in pixels; the other side keeps
 *     the aspect ratio and is rounded down
 * @param height tile height in pixels
 * @param width tile width in pixels
 */
public record CenterCropTransform(
    int shortestEdge,
    int height,
    int width,
    ResampleFilter filter,
    LevelNormalization normalization)
    implements ImageTransform {
  public CenterCropTransform {
    TileSize.check("shortestEdge", shortestEdge);
    TileSize.check("height", height);
    TileSize.check("width", width);
    requireNonNull(filter, "filter");
    requireNonNull(normalization, "normalization");
  }

  /** Scales {@code shortestEdge} in proportion, so that the cropped fraction stays the same. */
  @Override
  public ImageTransform withImageSize(int imageSize) {
    int edge = Math.round((float) shortestEdge * imageSize / Math.max(height, width));
    return new CenterCropTransform(edge, imageSize, imageSize, filter, normalization);
  }

  @Override
  public int numTiles(int imageWidth, int imageHeight) {
    return 1;
  }

  @Override
  @SuppressWarnings("MemberName")
  public void apply(RgbImage image, byte[] levels_TCYX, int offset) {
    int resizedWidth = resized(image.width(), image.height());
    int resizedHeight = resized(image.height(), image.width());
    Span columns = Span.middle(resizedWidth, width);
    Span rows = Span.middle(resizedHeight, height);
    TilePlanes planes = new TilePlanes(this, 1, levels_TCYX, offset);
    if (columns.count() < width || rows.count() < height) {
      planes.blacken(0);
    }
    Resampler.resample(
        image,
        resizedWidth,
        resizedHeight,
        new Resampler.Region(columns.from(), rows.from(), columns.count(), rows.count()),
        filter,
        (y, row_CX) -> planes.put(0, rows.to() + y, columns.to(), row_CX, 0, columns.count()));
  }

  /** Length of {@code side} after resizing; {@code other} is the length of the other side. */
  private int resized(int side, int other) {
    if (side <= other) {
      return shortestEdge;
    }
    double exact = (double) ((long) shortestEdge * side) / other;
    if (exact >= Integer.MAX_VALUE) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "A picture of %d x %d pixels is too narrow to be resized to a shorter side of %d; drop it",
              side,
              other,
              shortestEdge));
    }
    return (int) exact;
  }

  /**
   * Overlap of the resized image (offset {@code from}) and the tile (offset {@code to}) along one
   * axis.
   */
  private record Span(int from, int to, int count) {
    static Span middle(int resized, int tile) {
      return resized >= tile
          ? new Span((resized - tile) / 2, 0, tile)
          : new Span(0, (tile - resized + 1) / 2, resized);
    }
  }
}
