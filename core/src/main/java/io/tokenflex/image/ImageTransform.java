package io.tokenflex.image;

import io.tokenflex.failure.InvalidInputException;
import java.util.List;
import java.util.Locale;

/**
 * Makes a vision encoder's input from an image, as the image processor of a published model does:
 * one tile or several of the same size, each an image to the encoder. Thread-safe.
 *
 * <p>Shapes: T tiles, C channels (red, green, blue), Y and X the rows and columns of a tile.
 */
public sealed interface ImageTransform
    permits ResizeTransform, CenterCropTransform, TilingTransform {

  /** One square whatever the aspect ratio, by the bicubic filter; levels are scaled to 0..1. */
  static ImageTransform square(int imageSize, List<Float> mean, List<Float> std) {
    return new ResizeTransform(
        imageSize,
        imageSize,
        ResampleFilter.BICUBIC,
        new LevelNormalization(LevelNormalization.TO_UNIT, mean, std));
  }

  /** SigLIP's numbers: levels become -1..1. */
  static ImageTransform siglip(int imageSize) {
    return new ResizeTransform(
        imageSize, imageSize, ResampleFilter.BICUBIC, LevelNormalization.SIGLIP);
  }

  /** Rows of a tile. */
  int height();

  /** Columns of a tile. */
  int width();

  /** From levels to the values of pixels. */
  LevelNormalization normalization();

  /** How many tiles a picture becomes; nothing but its size decides. */
  int numTiles(int imageWidth, int imageHeight);

  /**
   * Writes an image's pixel values.
   *
   * @param pixelValues_TCYX gets {@link #numTiles} x {@link #numTileValues} floats from {@code
   *     offset} on
   */
  @SuppressWarnings("MemberName")
  void apply(RgbImage image, float[] pixelValues_TCYX, int offset);

  /**
   * The same processor for tiles of another size.
   *
   * @param imageSize side of a tile
   */
  ImageTransform withImageSize(int imageSize);

  /** How many floats a tile becomes: C x Y x X. */
  default int numTileValues() {
    return LevelNormalization.CHANNELS * height() * width();
  }

  /**
   * Side of a tile.
   *
   * @throws IllegalArgumentException if tiles are not square
   */
  default int imageSize() {
    if (height() != width()) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "The image processor makes %d x %d (height x width) pixels; a model here takes squares",
              height(),
              width()));
    }
    return height();
  }
}
