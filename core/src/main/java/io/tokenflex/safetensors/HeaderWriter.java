package io.tokenflex.safetensors;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.safetensors.TensorInfo.ElementType;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** Lays out tensors contiguously and writes the safetensors header, as the Python library does. */
final class HeaderWriter {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final ObjectNode header = JSON.createObjectNode();
  private long offset;

  HeaderWriter() {
    // transformers rejects files without this entry.
    header.putObject("__metadata__").put("format", "pt");
  }

  /**
   * Adds a tensor after the previous ones.
   *
   * @throws IllegalArgumentException if the name is taken or the shape is invalid
   */
  void add(String name, ElementType type, List<Long> shape) {
    if (header.has(name)) {
      throw new InvalidInputException(
          "A tensor cannot be named %s: the name is taken in this file".formatted(name));
    }
    long end = Math.addExact(offset, TensorInfo.numBytes(name, type, shape));
    ObjectNode entry = header.putObject(name).put("dtype", type.name());
    ArrayNode sides = entry.putArray("shape");
    shape.forEach(side -> sides.add(side.longValue()));
    entry.putArray("data_offsets").add(offset).add(end);
    offset = end;
  }

  /** Writes header length and JSON, padded so that the data start at a multiple of 8 bytes. */
  void writeTo(OutputStream out) throws IOException {
    byte[] json = JSON.writeValueAsBytes(header);
    int padded = (json.length + Long.BYTES - 1) / Long.BYTES * Long.BYTES;
    if (padded > SafetensorsHeader.MAX_JSON_BYTES) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "%d tensors need a header of %d bytes; readers take at most %d. Write smaller files",
              header.size() - 1,
              padded,
              SafetensorsHeader.MAX_JSON_BYTES));
    }
    byte[] bytes = Arrays.copyOf(json, padded);
    Arrays.fill(bytes, json.length, padded, (byte) ' ');
    ByteBuffer length = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    out.write(length.putLong(padded).array());
    out.write(bytes);
  }
}
