package io.tokenflex.safetensors;

import io.tokenflex.failure.DamagedDataException;

/** Rejects weights that are NaN or infinite. */
public final class FiniteWeights {
  private FiniteWeights() {}

  /**
   * Checks consecutive elements of a tensor.
   *
   * @param from index of the first value within the tensor
   * @param place the file or folder, for messages
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
