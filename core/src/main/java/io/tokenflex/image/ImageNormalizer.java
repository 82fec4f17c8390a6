package io.tokenflex.image;

import static java.util.Objects.requireNonNull;

/**
 * Decides which bytes of a picture are stored.
 *
 * <p>A picture whose longer side is within the limit keeps its file, byte for byte, with whatever
 * metadata it has. A larger one is reduced by bicubic {@link Resampler} to the size that Pillow's
 * {@code thumbnail((maxSide, maxSide), BICUBIC, reducing_gap=None)} gives and encoded again: PNG,
 * GIF and BMP as PNG, because drawings and screenshots would suffer from JPEG; JPEG and WebP as
 * baseline JPEG with chroma of half width and height (4:2:0). New files hold pixels only: they are
 * upright and carry no EXIF, no colour profile and no alpha, and of an animation the first frame.
 *
 * <p>Equal inputs give equal bytes on the same build of Java; another build may bring another
 * libjpeg or zlib. Safe for use by several threads.
 */
public final class ImageNormalizer {
  private final ImageNormalization config;

  public ImageNormalizer(ImageNormalization config) {
    this.config = requireNonNull(config, "config");
  }

  /**
   * Gives the file to store.
   *
   * @param file the original file
   * @param decoded what {@link ImageDecoder} made of {@code file}
   */
  public NormalizedImage normalize(byte[] file, RgbImage decoded) {
    int width = decoded.width();
    int height = decoded.height();
    int maxSide = config.maxSide();
    if (maxSide == 0 || Math.max(width, height) <= maxSide) {
      return new NormalizedImage(file, width, height);
    }
    RgbImage reduced = reduce(decoded);
    byte[] bytes =
        switch (ImageFormat.of(file)) {
          case JPEG, WEBP -> ImageEncoder.jpeg(reduced, config.jpegQuality());
          case PNG, GIF, BMP -> ImageEncoder.png(reduced);
        };
    return new NormalizedImage(bytes, reduced.width(), reduced.height());
  }

  /** Resamples a picture whose longer side is above the limit. */
  RgbImage reduce(RgbImage image) {
    int side = config.maxSide();
    double aspectRatio = (double) image.width() / image.height();
    return aspectRatio <= 1
        ? Resampler.resample(image, shorterSide(side, aspectRatio), side, ResampleFilter.BICUBIC)
        : Resampler.resample(image, side, lowerSide(side, aspectRatio), ResampleFilter.BICUBIC);
  }

  /** The width beside the height {@code side} that is nearest in aspect ratio. */
  private static int shorterSide(int side, double aspectRatio) {
    double exact = side * aspectRatio;
    int below = (int) Math.floor(exact);
    int above = (int) Math.ceil(exact);
    double errorBelow = Math.abs(aspectRatio - (double) below / side);
    double errorAbove = Math.abs(aspectRatio - (double) above / side);
    return Math.max(1, errorAbove < errorBelow ? above : below);
  }

  /** The height below the width {@code side} that is nearest in aspect ratio. */
  private static int lowerSide(int side, double aspectRatio) {
    double exact = side / aspectRatio;
    int below = (int) Math.floor(exact);
    int above = (int) Math.ceil(exact);
    double errorBelow = below == 0 ? 0 : Math.abs(aspectRatio - (double) side / below);
    double errorAbove = Math.abs(aspectRatio - (double) side / above);
    return Math.max(1, errorAbove < errorBelow ? above : below);
  }
}
