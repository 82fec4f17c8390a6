package io.tokenflex.image;

import io.tokenflex.failure.InvalidInputException;
import java.util.List;
import java.util.Locale;

/**
 * Turns an image into the input of a vision encoder, as the image processor of a published model
 * does, up to normalization, which follows on the device: one or several tiles of the same size,
 * each of which the encoder takes as an image. Thread-safe.
 *
 * <p>Shapes: T tiles, C channels (red, green, blue), Y and X rows and columns of a tile.
 */
public sealed interface ImageTransform
    permits ResizeTransform, CenterCropTransform, TilingTransform {

  /**
   * Bicubic resize to one square that ignores the aspect ratio; levels are scaled to 0..1 before
   * normalization.
   */
  static ImageTransform square(int imageSize, List<Float> mean, List<Float> std) {
    return new ResizeTransform(
        imageSize,
        imageSize,
        ResampleFilter.BICUBIC,
        new LevelNormalization(LevelNormalization.TO_UNIT, mean, std));
  }

  /** SigLIP's normalization: levels are mapped to -1..1. */
  static ImageTransform siglip(int imageSize) {
    return new ResizeTransform(
        imageSize, imageSize, ResampleFilter.BICUBIC, LevelNormalization.SIGLIP);
  }

  /** Tile height in pixels. */
  int height();

  /** Tile width in pixels. */
  int width();

  /** Normalization of 8-bit levels to pixel values. */
  LevelNormalization normalization();

  /** Number of tiles of an image; depends on its size only. */
  int numTiles(int imageWidth, int imageHeight);

  /**
   * Writes the levels, 0 to 255, of an image that {@link #normalization} maps to pixel values.
   *
   * @param levels_TCYX receives {@link #numTiles} x {@link #numTileValues} unsigned bytes, starting
   *     at {@code offset}
   */
  @SuppressWarnings("MemberName")
  void apply(RgbImage image, byte[] levels_TCYX, int offset);

  /**
   * The same transform for another tile size.
   *
   * @param imageSize side of a square tile in pixels
   */
  ImageTransform withImageSize(int imageSize);

  /** Number of values per tile: C x Y x X. */
  default int numTileValues() {
    return LevelNormalization.CHANNELS * height() * width();
  }

  /**
   * Side of a square tile in pixels.
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
