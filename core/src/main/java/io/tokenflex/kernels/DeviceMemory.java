package io.tokenflex.kernels;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.TensorAddress;
import com.sun.jna.Native;
import com.sun.jna.Pointer;

/** Addresses of tensors, for libraries that work on a device's memory themselves. */
public final class DeviceMemory {
  /** What a Java buffer holds, and so what DJL tells an address of. */
  private static final long MAX_BUFFER_BYTES = Integer.MAX_VALUE;

  private DeviceMemory() {}

  /**
   * Where a contiguous tensor begins in the memory of its own device; of a GPU's tensor nothing may
   * be read or written there from here. Valid as long as the tensor is open.
   */
  public static Pointer addressOf(NDArray array) {
    if (array.size() * array.getDataType().getNumOfBytes() <= MAX_BUFFER_BYTES) {
      return begin(array);
    }
    try (NDArray flat = array.reshape(new Shape(array.size()));
        NDArray first = flat.get(new NDIndex().addSliceDim(0, 1))) { // a view begins there too
      return begin(first);
    }
  }

  private static Pointer begin(NDArray array) {
    return Native.getDirectBufferPointer(TensorAddress.of((PtNDArray) array));
  }
}
