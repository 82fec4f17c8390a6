package io.tokenflex.image;

import static java.util.Objects.requireNonNull;

/**
 * Decides which bytes of an image are stored.
 *
 * <p>An image whose longer side is within the limit keeps its file byte for byte, metadata
 * included. A larger one is downscaled by the bicubic {@link Resampler} to the size that Pillow's
 * {@code thumbnail((maxSide, maxSide), BICUBIC, reducing_gap=None)} gives and re-encoded: PNG, GIF
 * and BMP as PNG, because JPEG degrades drawings and screenshots; JPEG and WebP as baseline JPEG
 * (4:2:0). Re-encoded files are upright and have no EXIF, colour profile or alpha; of an animation
 * only the first frame is kept.
 *
 * <p>Deterministic for a given Java build; other builds may contain another libjpeg or zlib.
 * Thread-safe.
 */
public final class ImageNormalizer {
  private final ImageNormalization config;

  public ImageNormalizer(ImageNormalization config) {
    this.config = requireNonNull(config, "config");
  }

  /**
   * Returns the file to store.
   *
   * @param file the original file
   * @param decoded the result of {@link ImageDecoder} for {@code file}
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

  /** Downscales an image whose longer side exceeds the limit. */
  RgbImage reduce(RgbImage image) {
    int side = config.maxSide();
    double aspectRatio = (double) image.width() / image.height();
    return aspectRatio <= 1
        ? Resampler.resample(image, shorterSide(side, aspectRatio), side, ResampleFilter.BICUBIC)
        : Resampler.resample(image, side, lowerSide(side, aspectRatio), ResampleFilter.BICUBIC);
  }

  /** The width that, for height {@code side}, approximates the aspect ratio best. */
  private static int shorterSide(int side, double aspectRatio) {
    double exact = side * aspectRatio;
    int below = (int) Math.floor(exact);
    int above = (int) Math.ceil(exact);
    double errorBelow = Math.abs(aspectRatio - (double) below / side);
    double errorAbove = Math.abs(aspectRatio - (double) above / side);
    return Math.max(1, errorAbove < errorBelow ? above : below);
  }

  /** The height that, for width {@code side}, approximates the aspect ratio best. */
  private static int lowerSide(int side, double aspectRatio) {
    double exact = side / aspectRatio;
    int below = (int) Math.floor(exact);
    int above = (int) Math.ceil(exact);
    double errorBelow = below == 0 ? 0 : Math.abs(aspectRatio - (double) side / below);
    double errorAbove = Math.abs(aspectRatio - (double) side / above);
    return Math.max(1, errorAbove < errorBelow ? above : below);
  }
}
