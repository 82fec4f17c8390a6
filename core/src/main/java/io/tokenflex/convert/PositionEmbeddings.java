package io.tokenflex.convert;

import io.tokenflex.failure.InvalidInputException;
import java.util.Arrays;
import java.util.Locale;

/**
 * Position embeddings of a square grid of patches, interpolated to a grid of another size.
 *
 * <p>Equals {@code interpolate_pos_encoding} of SigLIP, CLIP and InternVL in transformers, which is
 * torch's bicubic {@code interpolate} with {@code align_corners=False} and without antialiasing:
 * cubic convolution with a = -0.75 (Keys 1981), the border repeated.
 */
public final class PositionEmbeddings {
  private static final int TAPS = 4;
  private static final float A = -0.75f;

  private PositionEmbeddings() {}

  /**
   * Interpolates a table.
   *
   * @param table shape (leading + fromSide * fromSide, D), row-major
   * @param leading rows before the grid, which are kept: the class token's
   * @param fromSide patches along one side of the table's grid
   * @param toSide patches along one side of the wanted grid
   * @return shape (leading + toSide * toSide, D); the same values where both sides are equal
   * @throws IllegalArgumentException if the table has no whole rows of that number
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

  // In float, as torch computes source indices and weights of fp32 arrays.
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

  /** The cubic kernel at distances up to 1. */
  private static float near(float x) {
    return ((A + 2) * x - (A + 3)) * x * x + 1;
  }

  /** The cubic kernel at distances from 1 to 2. */
  private static float far(float x) {
    return ((A * x - 5 * A) * x + 8 * A) * x - 4 * A;
  }

  private static void add(float[] to, int toAt, float[] from, int fromAt, float weight, int n) {
    for (int i = 0; i < n; i++) {
      to[toAt + i] += weight * from[fromAt + i];
    }
  }
}
