package io.tokenflex.weights;

import static java.nio.charset.StandardCharsets.UTF_8;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;

/** Writes fp32 tensors as a safetensors file that the Python library reads. */
public final class SafetensorsWriter {
  private static final int CHUNK_BYTES = 1 << 20;
  private static final ObjectMapper JSON = new ObjectMapper();

  private SafetensorsWriter() {}

  /**
   * Writes {@code tensors} in iteration order; does not close {@code out}.
   *
   * @param tensors contiguous fp32 arrays by name
   */
  public static void write(OutputStream out, Map<String, NDArray> tensors) throws IOException {
    ObjectNode header = JSON.createObjectNode();
    // transformers refuses a file that does not say this.
    header.putObject("__metadata__").put("format", "pt");
    long offset = 0;
    for (Map.Entry<String, NDArray> tensor : tensors.entrySet()) {
      Shape shape = tensor.getValue().getShape();
      ObjectNode entry = header.putObject(tensor.getKey()).put("dtype", "F32");
      for (long side : shape.getShape()) {
        entry.withArray("shape").add(side);
      }
      if (shape.dimension() == 0) {
        entry.putArray("shape");
      }
      entry.putArray("data_offsets").add(offset).add(offset + shape.size() * Float.BYTES);
      offset += shape.size() * Float.BYTES;
    }
    StringBuilder text = new StringBuilder(JSON.writeValueAsString(header));
    while (text.toString().getBytes(UTF_8).length % Long.BYTES != 0) {
      text.append(' '); // the data starts aligned
    }
    byte[] headerBytes = text.toString().getBytes(UTF_8);
    ByteBuffer length = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    out.write(length.putLong(headerBytes.length).array());
    out.write(headerBytes);
    byte[] chunk = new byte[CHUNK_BYTES];
    for (Map.Entry<String, NDArray> tensor : tensors.entrySet()) {
      if (tensor.getValue().getDataType() != DataType.FLOAT32) {
        throw new IllegalArgumentException(
            tensor.getKey() + " is " + tensor.getValue().getDataType() + "; expected FLOAT32");
      }
      ByteBuffer data = tensor.getValue().toByteBuffer(true); // little-endian on x86-64 and aarch64
      while (data.hasRemaining()) {
        int n = Math.min(chunk.length, data.remaining());
        data.get(chunk, 0, n);
        out.write(chunk, 0, n);
      }
    }
  }
}
