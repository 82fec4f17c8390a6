package io.tokenflex.distributed;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.tokenflex.kernels.HostMemory;
import java.util.Locale;

/** Whether a process group adds up right, and how fast: before a run trusts it. */
public final class SumCheck {
  private SumCheck() {}

  /**
   * Sums ones over all ranks, looks at the result and sums once more; a collective call.
   *
   * @param manager of arrays in the memory that the group sums
   * @param numValues of a sum
   * @return seconds of the second sum; the first one may open connections
   * @throws CollectiveException if a sum is wrong
   */
  public static double seconds(ProcessGroup group, NDManager manager, long numValues) {
    try (NDArray values = manager.ones(new Shape(numValues))) {
      group.allReduceSum(values);
      expect(group, values, group.worldSize());
      long start = System.nanoTime();
      group.allReduceSum(values);
      double seconds = (System.nanoTime() - start) / 1e9;
      expect(group, values, (float) group.worldSize() * group.worldSize());
      return seconds;
    }
  }

  private static void expect(ProcessGroup group, NDArray values, float sum) {
    HostMemory.<RuntimeException>read(
        values,
        piece -> {
          for (int at = 0; at < piece.limit(); at += Float.BYTES) {
            if (piece.getFloat(at) != sum) {
              throw new CollectiveException(
                  String.format(
                      Locale.ROOT,
                      "Rank %d of %d: ones were summed to %.0f where %.0f was expected; what sums gradients here cannot be trusted (train.collective)",
                      group.rank(),
                      group.worldSize(),
                      piece.getFloat(at),
                      sum),
                  null);
            }
          }
        });
  }
}
