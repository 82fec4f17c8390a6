package io.tokenflex.image;

import io.tokenflex.failure.InvalidInputException;
import java.util.List;

/**
 * Maps a level (0 to 255) to a pixel value: (level x rescaleFactor - mean) / std.
 *
 * @param rescaleFactor usually 1/255; 1 disables rescaling
 * @param mean of red, green and blue, after rescaling
 * @param std standard deviation of red, green and blue, after rescaling
 */
public record LevelNormalization(double rescaleFactor, List<Float> mean, List<Float> std) {
  /** Rescales levels to 0..1. */
  public static final double TO_UNIT = 1.0 / 255;

  /** SigLIP's normalization: levels are mapped to -1..1. */
  public static final LevelNormalization SIGLIP =
      new LevelNormalization(TO_UNIT, floats(0.5, 0.5, 0.5), floats(0.5, 0.5, 0.5));

  /** CLIP's mean and standard deviation, of its training data. */
  public static final LevelNormalization CLIP =
      new LevelNormalization(
          TO_UNIT,
          floats(0.48145466, 0.4578275, 0.40821073),
          floats(0.26862954, 0.26130258, 0.27577711));

  /** ImageNet's mean and standard deviation. */
  public static final LevelNormalization IMAGENET =
      new LevelNormalization(TO_UNIT, floats(0.485, 0.456, 0.406), floats(0.229, 0.224, 0.225));

  static final int CHANNELS = 3;

  /** Number of levels of a channel. */
  public static final int LEVELS = 256;

  public LevelNormalization {
    mean = List.copyOf(mean);
    std = List.copyOf(std);
    if (!(rescaleFactor > 0) || Double.isInfinite(rescaleFactor)) {
      throw new InvalidInputException(
          "rescaleFactor is " + rescaleFactor + "; expected a number above 0");
    }
    if (mean.size() != CHANNELS || std.size() != CHANNELS) {
      throw new InvalidInputException(
          "mean %s and std %s need three numbers each: red, green, blue".formatted(mean, std));
    }
    if (std.stream().anyMatch(deviation -> !(deviation > 0))) {
      throw new InvalidInputException("std is " + std + "; all three must be above 0");
    }
  }

  private static List<Float> floats(double red, double green, double blue) {
    return List.of((float) red, (float) green, (float) blue);
  }

  /** Lookup table, 3 x 256: the pixel values of all levels of red, then green, then blue. */
  public float[] table() {
    float[] table = new float[CHANNELS * LEVELS];
    for (int channel = 0; channel < CHANNELS; channel++) {
      float channelMean = mean.get(channel);
      float channelStd = std.get(channel);
      for (int level = 0; level < LEVELS; level++) {
        // Rounded to float before the mean is subtracted, as in transformers.
        table[channel * LEVELS + level] =
            ((float) (level * rescaleFactor) - channelMean) / channelStd;
      }
    }
    return table;
  }

  /**
   * Pixel values on the host, equal to those that a model looks up on its device.
   *
   * @param levels planes of red, green and blue in turn
   * @param planeSize levels of a plane
   */
  public float[] apply(byte[] levels, int planeSize) {
    float[] table = table();
    float[] values = new float[levels.length];
    for (int i = 0; i < levels.length; i++) {
      int channel = i / planeSize % CHANNELS;
      values[i] = table[channel * LEVELS + (levels[i] & 255)];
    }
    return values;
  }
}
