package io.tokenflex.safetensors;

import io.tokenflex.failure.DamagedDataException;

/** Weights are numbers: one that is none makes every answer and every loss meaningless. */
public final class FiniteWeights {
  private FiniteWeights() {}

  /**
   * Checks a piece of a tensor.
   *
   * @param from the first value's place among the tensor's elements
   * @param place names the file or folder in messages
   * @throws DamagedDataException at the first value that is NaN or infinite
   */
  public static void check(String tensor, long from, float[] values, String place)
      throws DamagedDataException {
    for (int i = 0; i < values.length; i++) {
      if (!Float.isFinite(values[i])) {
        throw new DamagedDataException(
            place
                + ": tensor "
                + tensor
                + " holds "
                + values[i]
                + " as element "
                + (from + i)
                + "; weights are finite numbers. The file was damaged, or the training that wrote"
                + " it diverged: take an earlier checkpoint, or copy the folder again");
      }
    }
  }
}
