package io.tokenflex.kernels;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.LongBuffer;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Copies of Java arrays on a model's device, for which the host does not wait.
 *
 * <p>Values are written into a tensor in the host's memory, which on a CPU is the copy. For a GPU
 * it is pinned: the GPU fetches it by itself, and PyTorch keeps its memory until it has.
 */
public final class DeviceCopies {
  /** {@code c10/core/ScalarType.h}. */
  private static final int UINT8 = 0;

  private static final int INT64 = 4;

  private final KernelLibrary kernels;
  private final NDArray onDevice;
  private final boolean pins;

  /**
   * Copies to the device of {@code manager}.
   *
   * @param manager outlives the copies
   */
  public DeviceCopies(KernelLibrary kernels, NDManager manager) {
    this.kernels = kernels;
    this.onDevice = manager.zeros(new Shape(1));
    this.pins = manager.getDevice().isGpu();
  }

  /** A uint8 tensor of these values, at least one, in row-major order. */
  public NDArray of(NDManager owner, byte[] values, Shape shape) {
    return copy(owner, shape, UINT8, memory -> memory.put(values));
  }

  /** An int64 vector of each of these, of which one at least has values; all in one copy. */
  public NDArray[] of(NDManager owner, long[]... vectors) {
    long[] lengths = Stream.of(vectors).mapToLong(vector -> vector.length).toArray();
    long all = Stream.of(vectors).mapToLong(vector -> vector.length).sum();
    try (NDArray together =
        copy(owner, new Shape(all), INT64, memory -> putAll(memory.asLongBuffer(), vectors))) {
      return kernels.callForList(owner, "pieces", together, lengths);
    }
  }

  private static void putAll(LongBuffer memory, long[]... vectors) {
    for (long[] vector : vectors) {
      memory.put(vector);
    }
  }

  private NDArray copy(NDManager owner, Shape shape, int type, Consumer<ByteBuffer> values) {
    try (NDArray host = kernels.call(owner, "host_array", shape.getShape(), type, pins)) {
      values.accept(host.toByteBuffer(true).order(ByteOrder.nativeOrder()));
      return kernels.call(owner, "on_device", host, type, onDevice);
    }
  }
}
