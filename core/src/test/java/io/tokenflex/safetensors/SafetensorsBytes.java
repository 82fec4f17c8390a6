package io.tokenflex.safetensors;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Safetensors files put together byte by byte, so that they can be wrong. */
public final class SafetensorsBytes {
  static final String PLACE = "folder/model.safetensors";

  private SafetensorsBytes() {}

  /** A file of this header and data. */
  public static byte[] file(String header, byte[] data) {
    return file(header.getBytes(UTF_8), data);
  }

  public static byte[] file(byte[] header, byte[] data) {
    return ByteBuffer.allocate(Long.BYTES + header.length + data.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(header.length)
        .put(header)
        .put(data)
        .array();
  }

  /** One entry of a header. */
  public static String entry(String name, String dtype, String shape, String offsets) {
    return "\"%s\":{\"dtype\":\"%s\",\"shape\":%s,\"data_offsets\":%s}"
        .formatted(name, dtype, shape, offsets);
  }

  static byte[] floats(float... values) {
    ByteBuffer bytes =
        ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values);
    return bytes.array();
  }

  static SafetensorsReader open(byte[] file) throws IOException {
    return new SafetensorsReader(new ByteArrayInputStream(file), PLACE);
  }
}
