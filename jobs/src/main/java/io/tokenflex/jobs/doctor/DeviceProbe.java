package io.tokenflex.jobs.doctor;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.tokenflex.kernels.ComputeType;
import io.tokenflex.kernels.HostMemory;
import io.tokenflex.kernels.KernelLibrary;

/** How fast a device multiplies and takes what the host has. */
final class DeviceProbe implements AutoCloseable {
  private static final int CPU_SIDE = 1024;
  private static final int GPU_SIDE = 8192;
  private static final int COPIED_VALUES = 16 << 20;
  private static final int ROUNDS = 3;

  private final NDManager manager;
  private final KernelLibrary kernels;

  DeviceProbe(Device device) {
    manager = NDManager.newBaseManager(device, "PyTorch");
    kernels = KernelLibrary.load(manager);
  }

  /** Of arrays on the device. */
  NDManager manager() {
    return manager;
  }

  /** Floating-point operations per second of one product; the best of some. */
  double flops(ComputeType type) {
    int side = manager.getDevice().isGpu() ? GPU_SIDE : CPU_SIDE;
    double best = 0;
    try (NDManager own = manager.newSubManager()) {
      NDArray x = kernels.call(own, "cast", own.ones(new Shape(side, side)), type);
      NDArray w = kernels.call(own, "cast", own.ones(new Shape(side, side)), type);
      for (int round = -1; round < ROUNDS; round++) { // the first one warms up
        long start = System.nanoTime();
        try (NDArray y = kernels.call(own, "matmul", x, w, type)) {
          await(y);
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        if (round >= 0) {
          best = Math.max(best, 2.0 * side * side * side / seconds);
        }
      }
    }
    return best;
  }

  /** Bytes per second from the heap to a GPU; the best of some. */
  double toDeviceBytes() {
    float[] values = new float[COPIED_VALUES];
    double best = 0;
    for (int round = -1; round < ROUNDS; round++) {
      long start = System.nanoTime();
      try (NDArray copy = manager.create(values)) {
        await(copy);
      }
      double seconds = (System.nanoTime() - start) / 1e9;
      if (round >= 0) {
        best = Math.max(best, (double) COPIED_VALUES * Float.BYTES / seconds);
      }
    }
    return best;
  }

  /** Reading one value waits for all that the device was asked for. */
  private void await(NDArray array) {
    try (NDArray flat = array.reshape(new Shape(array.size()));
        NDArray first = flat.get("0:1");
        NDArray readable = kernels.call(manager, "cast", first, ComputeType.FP32)) {
      HostMemory.floats(readable);
    }
  }

  @Override
  public void close() {
    kernels.close();
    manager.close();
  }
}
