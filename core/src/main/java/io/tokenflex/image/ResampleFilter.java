package io.tokenflex.image;

import io.tokenflex.failure.InvalidInputException;
import java.util.Locale;

/** Filter kernels for {@link Resampler}, as defined by Pillow. */
public enum ResampleFilter {
  /** Lanczos with 3 lobes: {@code PIL.Image.LANCZOS}, 1. */
  LANCZOS(1, 3) {
    @Override
    double weight(double distance) {
      return distance < 3 ? sinc(distance) * sinc(distance / 3) : 0;
    }
  },

  /** Triangle: {@code PIL.Image.BILINEAR}, 2. */
  BILINEAR(2, 1) {
    @Override
    double weight(double distance) {
      return distance < 1 ? 1 - distance : 0;
    }
  },

  /** Keys's cubic with a = -0.5: {@code PIL.Image.BICUBIC}, 3. */
  BICUBIC(3, 2) {
    @Override
    double weight(double distance) {
      if (distance < 1) {
        return ((KEYS_A + 2) * distance - (KEYS_A + 3)) * distance * distance + 1;
      }
      return distance < 2 ? (((distance - 5) * distance + 8) * distance - 4) * KEYS_A : 0;
    }
  };

  private static final double KEYS_A = -0.5;

  private final int pilCode;
  private final double support;

  ResampleFilter(int pilCode, double support) {
    this.pilCode = pilCode;
    this.support = support;
  }

  /** Pillow's number of the filter, used by configurations under {@code resample}. */
  public int pilCode() {
    return pilCode;
  }

  /**
   * The filter with Pillow's number {@code pilCode}.
   *
   * @throws IllegalArgumentException for nearest (0), box (4), hamming (5) and unknown numbers
   */
  public static ResampleFilter ofPilCode(int pilCode) {
    for (ResampleFilter filter : values()) {
      if (filter.pilCode == pilCode) {
        return filter;
      }
    }
    throw new InvalidInputException(
        String.format(
            Locale.ROOT,
            "resample is %d; supported are 1 (Lanczos), 2 (bilinear) and 3 (bicubic)",
            pilCode));
  }

  /** Radius of the kernel in source pixels at scale 1. */
  double support() {
    return support;
  }

  /** Kernel value at a distance of at least 0. */
  abstract double weight(double distance);

  private static double sinc(double x) {
    double angle = Math.PI * x;
    return angle == 0 ? 1 : Math.sin(angle) / angle;
  }
}
