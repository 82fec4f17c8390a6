package io.tokenflex.image;

import java.nio.FloatBuffer;
import java.util.Collections;
import java.util.List;

/**
 * Makes a vision encoder's input from an image: resample to a square (the aspect ratio is not
 * kept), scale levels to 0..1, subtract the mean, divide by the standard deviation.
 *
 * @param imageSize side of the square in pixels
 * @param mean of red, green and blue
 * @param std standard deviation of red, green and blue
 */
public record ImageTransform(int imageSize, List<Float> mean, List<Float> std) {
  private static final int CHANNELS = 3;

  public ImageTransform {
    mean = List.copyOf(mean);
    std = List.copyOf(std);
    if (imageSize < 1 || imageSize > 16384) {
      throw new IllegalArgumentException("imageSize is " + imageSize + "; expected 1 to 16384");
    }
    if (mean.size() != CHANNELS || std.size() != CHANNELS) {
      throw new IllegalArgumentException(
          "mean %s and std %s need three numbers each: red, green, blue".formatted(mean, std));
    }
    if (std.stream().anyMatch(deviation -> !(deviation > 0))) {
      throw new IllegalArgumentException("std is " + std + "; all three must be above 0");
    }
  }

  /** SigLIP's numbers: levels become -1..1. */
  public static ImageTransform siglip(int imageSize) {
    List<Float> half = Collections.nCopies(CHANNELS, 0.5f);
    return new ImageTransform(imageSize, half, half);
  }

  /** How many floats an image becomes: 3 x imageSize x imageSize. */
  public int numValues() {
    return CHANNELS * imageSize * imageSize;
  }

  /**
   * Writes an image's pixel values.
   *
   * @param pixelValues_CYX gets {@link #numValues} floats from {@code offset} on
   */
  @SuppressWarnings("MemberName")
  public void apply(RgbImage image, float[] pixelValues_CYX, int offset) {
    if (offset < 0 || pixelValues_CYX.length - offset < numValues()) {
      throw new IllegalArgumentException(
          "An array of %d floats has no room for %d at %d"
              .formatted(pixelValues_CYX.length, numValues(), offset));
    }
    float[][] tables = tables();
    int plane = imageSize * imageSize;
    BicubicResampler.resample(
        image,
        imageSize,
        imageSize,
        (y, row_CX) -> {
          for (int channel = 0; channel < CHANNELS; channel++) {
            look(
                tables[channel],
                row_CX,
                channel * imageSize,
                pixelValues_CYX,
                offset + channel * plane + y * imageSize);
          }
        });
  }

  /** Writes an image's pixel values at the buffer's position and moves it past them. */
  @SuppressWarnings("MemberName")
  public void apply(RgbImage image, FloatBuffer pixelValues_CYX) {
    float[] values_CYX = new float[numValues()];
    apply(image, values_CYX, 0);
    pixelValues_CYX.put(values_CYX);
  }

  private void look(float[] table, int[] row_CX, int from, float[] to_CYX, int at) {
    for (int x = 0; x < imageSize; x++) {
      to_CYX[at + x] = table[row_CX[from + x]];
    }
  }

  /** There are only 256 levels: a table holds every result of the scaling and normalising. */
  private float[][] tables() {
    float[][] tables = new float[CHANNELS][256];
    for (int channel = 0; channel < CHANNELS; channel++) {
      float channelMean = mean.get(channel);
      float channelStd = std.get(channel);
      for (int level = 0; level < 256; level++) {
        tables[channel][level] = (level / 255f - channelMean) / channelStd;
      }
    }
    return tables;
  }
}
