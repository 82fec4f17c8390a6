package io.tokenflex.image;

import static java.util.Objects.requireNonNull;

import io.tokenflex.failure.InvalidInputException;
import java.util.Locale;

/**
 * Splits an image into a grid of square tiles, followed by a thumbnail of the whole image if there
 * are several. Equals InternVL's {@code dynamic_preprocess} (arXiv 2404.16821, section 3.3), which
 * Ristretto uses too, and transformers' {@code GotOcr2ImageProcessor}.
 *
 * <p>Of all grids with an allowed number of tiles, the one with the nearest aspect ratio is chosen;
 * ties go to the larger grid if the image has more than half as many pixels as its tiles. The image
 * is resized to the grid with the bicubic filter, ignoring the aspect ratio.
 *
 * @param imageSize side of a tile in pixels
 * @param minTiles minimum number of tiles of a grid
 * @param maxTiles maximum number of tiles of a grid
 * @param useThumbnail whether a grid of several tiles is followed by a thumbnail
 */
public record TilingTransform(
    int imageSize,
    int minTiles,
    int maxTiles,
    boolean useThumbnail,
    LevelNormalization normalization)
    implements ImageTransform {

  /** Numbers of tile columns and rows. */
  record Grid(int columns, int rows) {
    int numTiles() {
      return columns * rows;
    }
  }

  public TilingTransform {
    TileSize.check("imageSize", imageSize);
    if (minTiles < 1 || maxTiles < minTiles) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "A picture cannot have %d to %d tiles; expected 1 <= minTiles <= maxTiles",
              minTiles,
              maxTiles));
    }
    requireNonNull(normalization, "normalization");
  }

  @Override
  public ImageTransform withImageSize(int size) {
    return new TilingTransform(size, minTiles, maxTiles, useThumbnail, normalization);
  }

  @Override
  public int height() {
    return imageSize;
  }

  @Override
  public int width() {
    return imageSize;
  }

  @Override
  public int numTiles(int imageWidth, int imageHeight) {
    int numTiles = grid(imageWidth, imageHeight).numTiles();
    return hasThumbnail(numTiles) ? numTiles + 1 : numTiles;
  }

  private boolean hasThumbnail(int numTiles) {
    return useThumbnail && numTiles > 1;
  }

  /** The grid of an image. */
  Grid grid(int imageWidth, int imageHeight) {
    double aspectRatio = (double) imageWidth / imageHeight;
    double area = (double) imageWidth * imageHeight;
    Grid best = new Grid(1, 1);
    double nearest = Double.POSITIVE_INFINITY;
    // By number of tiles, then columns, ascending: the order breaks ties as the reference does.
    for (int numTiles = minTiles; numTiles <= maxTiles; numTiles++) {
      boolean hasEnoughPixels = area > 0.5 * imageSize * imageSize * numTiles;
      for (int columns = 1; columns <= numTiles; columns++) {
        if (numTiles % columns != 0) {
          continue;
        }
        int rows = numTiles / columns;
        double distance = Math.abs(aspectRatio - (double) columns / rows);
        if (distance < nearest || (distance == nearest && hasEnoughPixels)) {
          nearest = distance;
          best = new Grid(columns, rows);
        }
      }
    }
    return best;
  }

  @Override
  @SuppressWarnings("MemberName")
  public void apply(RgbImage image, byte[] levels_TCYX, int offset) {
    Grid grid = grid(image.width(), image.height());
    int numTiles = numTiles(image.width(), image.height());
    TilePlanes planes = new TilePlanes(this, numTiles, levels_TCYX, offset);
    resample(
        image,
        grid,
        (y, row_CX) -> {
          for (int column = 0; column < grid.columns(); column++) {
            int tile = y / imageSize * grid.columns() + column;
            planes.put(tile, y % imageSize, 0, row_CX, column * imageSize, imageSize);
          }
        });
    if (hasThumbnail(grid.numTiles())) {
      resample(
          image,
          new Grid(1, 1),
          (y, row_CX) -> planes.put(grid.numTiles(), y, 0, row_CX, 0, imageSize));
    }
  }

  private void resample(RgbImage image, Grid grid, Resampler.RowSink sink) {
    int width = Math.multiplyExact(grid.columns(), imageSize);
    int height = Math.multiplyExact(grid.rows(), imageSize);
    Resampler.resample(
        image,
        width,
        height,
        new Resampler.Region(0, 0, width, height),
        ResampleFilter.BICUBIC,
        sink);
  }
}
