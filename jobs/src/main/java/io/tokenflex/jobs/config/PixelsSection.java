package io.tokenflex.jobs.config;

import io.tokenflex.image.ImageTransform;
import java.util.List;

/**
 * How pixel values are normalised: (value / 255 - mean) / std.
 *
 * @param mean of red, green and blue
 * @param std of red, green and blue
 */
public record PixelsSection(List<Double> mean, List<Double> std) {
  public PixelsSection {
    mean = List.copyOf(mean);
    std = List.copyOf(std);
    transform(mean, std, 1);
  }

  /** The transform to pictures of {@code imageSize} pixels a side. */
  public ImageTransform transform(int imageSize) {
    return transform(mean, std, imageSize);
  }

  private static ImageTransform transform(List<Double> mean, List<Double> std, int imageSize) {
    return ImageTransform.square(
        imageSize,
        mean.stream().map(Double::floatValue).toList(),
        std.stream().map(Double::floatValue).toList());
  }
}
