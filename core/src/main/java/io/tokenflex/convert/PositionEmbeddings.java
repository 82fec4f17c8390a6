package io.tokenflex.convert;

import io.tokenflex.failure.InvalidInputException;
import java.util.Arrays;
import java.util.Locale;

/**
 * Interpolates the position embeddings of a square patch grid to another grid size.
 *
 * <p>Equals {@code interpolate_pos_encoding} of SigLIP, CLIP and InternVL in transformers: torch's
 * bicubic {@code interpolate} with {@code align_corners=False}, without antialiasing. That is cubic
 * convolution with a = -0.75 (Keys 1981) and replicated borders.
 */
public final class PositionEmbeddings {
  private static final int TAPS = 4;
  private static final float A = -0.75f;

  private PositionEmbeddings() {}

  /**
   * Interpolates a table.
   *
   * @param table shape (leading + fromSide * fromSide, D), row-major
   * @param leading rows before the grid that are copied unchanged (the class token)
   * @param fromSide patches per side of the table's grid
   * @param toSide patches per side of the target grid
   * @return shape (leading + toSide * toSide, D); the input values if the sides are equal
   * @throws IllegalArgumentException if the table's length is not a multiple of that number of rows
   */
  public static float[] interpolate(float[] table, int leading, int fromSide, int toSide) {
    int rows = leading + fromSide * fromSide;
    if (fromSide < 1 || toSide < 1 || leading < 0 || table.length % rows != 0) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "Position embeddings of %d values; expected rows of equal length for %d tokens and"
                  + " %d x %d patches, wanted for %d x %d",
              table.length,
              leading,
              fromSide,
              fromSide,
              toSide,
              toSide));
    }
    if (fromSide == toSide) {
      return table.clone();
    }
    int width = table.length / rows;
    int head = leading * width;
    float[] grid = Arrays.copyOfRange(table, head, table.length);
    int[][] taps = new int[toSide][TAPS];
    float[][] weights = new float[toSide][TAPS];
    fillTaps(fromSide, taps, weights);

    float[] across = new float[fromSide * toSide * width];
    for (int row = 0; row < fromSide; row++) {
      for (int column = 0; column < toSide; column++) {
        int to = (row * toSide + column) * width;
        for (int tap = 0; tap < TAPS; tap++) {
          int from = (row * fromSide + taps[column][tap]) * width;
          add(across, to, grid, from, weights[column][tap], width);
        }
      }
    }
    float[] result = new float[head + toSide * toSide * width];
    System.arraycopy(table, 0, result, 0, head);
    for (int row = 0; row < toSide; row++) {
      for (int tap = 0; tap < TAPS; tap++) {
        int from = taps[row][tap] * toSide * width;
        int to = head + row * toSide * width;
        add(result, to, across, from, weights[row][tap], toSide * width);
      }
    }
    return result;
  }

  // In float, because torch computes source indices and weights of fp32 tensors in fp32.
  private static void fillTaps(int fromSide, int[][] taps, float[][] weights) {
    float scale = (float) fromSide / taps.length;
    for (int to = 0; to < taps.length; to++) {
      float source = scale * (to + 0.5f) - 0.5f;
      int floor = Math.min((int) Math.floor(source), fromSide - 1);
      float t = Math.min(Math.max(source - floor, 0), 1);
      for (int tap = 0; tap < TAPS; tap++) {
        taps[to][tap] = Math.min(Math.max(floor - 1 + tap, 0), fromSide - 1);
      }
      weights[to][0] = far(t + 1);
      weights[to][1] = near(t);
      weights[to][2] = near(1 - t);
      weights[to][3] = far(2 - t);
    }
  }

  /** The cubic convolution kernel for |x| <= 1. */
  private static float near(float x) {
    return ((A + 2) * x - (A + 3)) * x * x + 1;
  }

  /** The cubic convolution kernel for 1 < |x| < 2. */
  private static float far(float x) {
    return ((A * x - 5 * A) * x + 8 * A) * x - 4 * A;
  }

  private static void add(float[] to, int toAt, float[] from, int fromAt, float weight, int n) {
    for (int i = 0; i < n; i++) {
      to[toAt + i] += weight * from[fromAt + i];
    }
  }
}
