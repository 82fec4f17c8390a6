package io.tokenflex.safetensors;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.kernels.HostMemory;
import io.tokenflex.safetensors.TensorInfo.ElementType;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Map;

/**
 * Writes fp32 tensors as one safetensors file. {@link ShardedSafetensorsWriter} writes other
 * element types and sharded folders.
 */
public final class SafetensorsWriter {
  private static final int CHUNK_BYTES = 1 << 20;

  private SafetensorsWriter() {}

  /**
   * Writes {@code tensors} in iteration order; does not close {@code out}.
   *
   * @param tensors contiguous fp32 tensors by name
   * @throws IllegalArgumentException if one is of another type; nothing is written
   */
  public static void write(OutputStream out, Map<String, NDArray> tensors) throws IOException {
    HeaderWriter header = new HeaderWriter();
    tensors.forEach(
        (name, tensor) -> {
          if (tensor.getDataType() != DataType.FLOAT32) {
            throw new InvalidInputException(
                name + " is " + tensor.getDataType() + "; expected FLOAT32");
          }
          long[] shape = tensor.getShape().getShape();
          header.add(name, ElementType.F32, Arrays.stream(shape).boxed().toList());
        });
    header.writeTo(out);
    byte[] chunk = new byte[CHUNK_BYTES];
    for (NDArray tensor : tensors.values()) {
      HostMemory.<IOException>read(tensor, piece -> write(out, piece, chunk));
    }
  }

  private static void write(OutputStream out, ByteBuffer data, byte[] chunk) throws IOException {
    while (data.hasRemaining()) { // little-endian on x86-64 and aarch64
      int n = Math.min(chunk.length, data.remaining());
      data.get(chunk, 0, n);
      out.write(chunk, 0, n);
    }
  }
}
