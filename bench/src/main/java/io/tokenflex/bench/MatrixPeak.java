package io.tokenflex.bench;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.tokenflex.kernels.ComputeType;
import io.tokenflex.kernels.KernelLibrary;

/** What the device does at best: the product of two large square matrices. */
final class MatrixPeak {
  private static final int CPU_SIDE = 1536;
  private static final int GPU_SIDE = 8192;
  private static final int WARM_UP = 2;
  private static final int ROUNDS = 8;

  private MatrixPeak() {}

  /** Floating-point operations per second, the best of some rounds. */
  static double measure(NDManager manager, KernelLibrary kernels, ComputeType type) {
    int side = manager.getDevice().isGpu() ? GPU_SIDE : CPU_SIDE;
    double best = 0;
    try (NDManager own = manager.newSubManager()) {
      NDArray x = kernels.call(own, "cast", own.ones(new Shape(side, side)), type);
      NDArray w = kernels.call(own, "cast", own.ones(new Shape(side, side)), type);
      for (int round = 0; round < WARM_UP + ROUNDS; round++) {
        long start = System.nanoTime();
        try (NDArray y = kernels.call(own, "matmul", x, w, type);
            NDArray norm = kernels.call(own, "global_norm", new NDList(y));
            NDArray readable = kernels.call(own, "cast", norm, ComputeType.FP32)) {
          readable.getFloat(); // waits for the device
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        if (round >= WARM_UP) {
          best = Math.max(best, 2.0 * side * side * side / seconds);
        }
      }
    }
    return best;
  }
}
