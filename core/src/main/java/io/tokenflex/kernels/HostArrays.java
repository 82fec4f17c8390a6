package io.tokenflex.kernels;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.ByteOrder;

/**
 * Creates tensors from Java arrays.
 *
 * <p>{@code NDManager.create} copies through a direct buffer that is freed only by the garbage
 * collector, so off-heap memory would grow with every step's pixels. Here values are written into
 * the memory of a CPU tensor; tensors of other devices still use the buffer.
 */
public final class HostArrays {
  private HostArrays() {}

  /** An fp32 tensor of these values in row-major order. */
  public static NDArray of(NDManager owner, float[] values, Shape shape) {
    if (owner.getDevice().isGpu() || values.length == 0) {
      return owner.create(values, shape);
    }
    NDArray array = owner.create(shape, DataType.FLOAT32);
    array.toByteBuffer(true).order(ByteOrder.nativeOrder()).asFloatBuffer().put(values);
    return array;
  }

  /** An int64 tensor of these values in row-major order. */
  public static NDArray of(NDManager owner, long[] values, Shape shape) {
    if (owner.getDevice().isGpu() || values.length == 0) {
      return owner.create(values, shape);
    }
    NDArray array = owner.create(shape, DataType.INT64);
    array.toByteBuffer(true).order(ByteOrder.nativeOrder()).asLongBuffer().put(values);
    return array;
  }

  /** A vector. */
  public static NDArray of(NDManager owner, long[] values) {
    return of(owner, values, new Shape(values.length));
  }
}
