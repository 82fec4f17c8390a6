package io.tokenflex.weights;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * Reads a safetensors file from front to back, tensor by tensor, in the order of the data.
 *
 * <p>Format: 8 bytes little-endian header length, a JSON header, the data (huggingface/safetensors,
 * "Format" in its README). A damaged file gets an {@link IOException} that names the file and what
 * is wrong.
 */
public final class SafetensorsReader implements Closeable {
  /** The reference implementation's own limit. */
  private static final long MAX_HEADER_BYTES = 100_000_000;

  private static final int CHUNK_BYTES = 1 << 20;
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION);

  private final InputStream in;
  private final String place;
  private final List<TensorInfo> tensors;
  private int next;

  /**
   * Reads and checks the header.
   *
   * @param place names the file in messages
   */
  public SafetensorsReader(InputStream in, String place) throws IOException {
    this.in = in;
    this.place = place;
    this.tensors = readHeader();
  }

  /** All tensors, in the order in which they are read. */
  public List<TensorInfo> tensors() {
    return tensors;
  }

  /** Whether a tensor is left to read. */
  public boolean hasNext() {
    return next < tensors.size();
  }

  /** The tensor that the next read returns. */
  public TensorInfo peek() {
    return tensors.get(next);
  }

  /** Reads the next tensor as fp32; F16 and BF16 are widened, which is exact. */
  public float[] readFloats() throws IOException {
    TensorInfo info = tensors.get(next++);
    float[] values = new float[Math.toIntExact(info.numElements())];
    int width = info.elementType().numBytes();
    int done = 0;
    while (done < values.length) {
      int n = Math.min(CHUNK_BYTES / width, values.length - done);
      ByteBuffer chunk = readChunk(info, n * width);
      switch (info.elementType()) {
        case F32 -> chunk.asFloatBuffer().get(values, done, n);
        case BF16 -> {
          for (int i = 0; i < n; i++) {
            values[done + i] = Float.intBitsToFloat(chunk.getShort() << 16);
          }
        }
        case F16 -> {
          for (int i = 0; i < n; i++) {
            values[done + i] = halfToFloat(chunk.getShort());
          }
        }
        case I64 ->
            throw new IOException(
                place + ": tensor " + info.name() + " holds I64; expected F32, F16 or BF16");
      }
      done += n;
    }
    return values;
  }

  /** Reads the next tensor, which must be I64. */
  public long[] readLongs() throws IOException {
    TensorInfo info = tensors.get(next++);
    if (info.elementType() != TensorInfo.ElementType.I64) {
      throw new IOException(
          "%s: tensor %s holds %s; expected I64".formatted(place, info.name(), info.elementType()));
    }
    long[] values = new long[Math.toIntExact(info.numElements())];
    readChunk(info, values.length * Long.BYTES).asLongBuffer().get(values);
    return values;
  }

  @Override
  public void close() throws IOException {
    in.close();
  }

  private List<TensorInfo> readHeader() throws IOException {
    ByteBuffer lengthBytes = ByteBuffer.wrap(readBytes(Long.BYTES, "the header's length"));
    long length = lengthBytes.order(ByteOrder.LITTLE_ENDIAN).getLong();
    if (length < 2 || length > MAX_HEADER_BYTES) {
      throw new IOException(
          "%s: header of %d bytes; expected 2 to %d. Not a safetensors file, or damaged"
              .formatted(place, length, MAX_HEADER_BYTES));
    }
    JsonNode header = parse(new String(readBytes((int) length, "the header"), UTF_8));
    if (!header.isObject()) {
      throw new IOException(place + ": the header is no JSON object");
    }
    List<TensorInfo> found = new ArrayList<>();
    for (Map.Entry<String, JsonNode> field : header.properties()) {
      if (!field.getKey().equals("__metadata__")) {
        found.add(toInfo(field.getKey(), field.getValue()));
      }
    }
    found.sort(Comparator.comparingLong(TensorInfo::begin).thenComparingLong(TensorInfo::end));
    long expectedBegin = 0;
    for (TensorInfo info : found) {
      if (info.begin() != expectedBegin) {
        throw new IOException(
            "%s: tensor %s begins at %d but the one before ends at %d; the file is damaged"
                .formatted(place, info.name(), info.begin(), expectedBegin));
      }
      expectedBegin = info.end();
    }
    return List.copyOf(found);
  }

  private JsonNode parse(String header) throws IOException {
    try {
      return JSON.readTree(header);
    } catch (JsonProcessingException e) {
      throw new IOException(place + ": the header is no JSON: " + e.getOriginalMessage(), e);
    }
  }

  private TensorInfo toInfo(String name, JsonNode node) throws IOException {
    try {
      JsonNode offsets = node.required("data_offsets");
      List<Long> shape = new ArrayList<>();
      node.required("shape").forEach(side -> shape.add(side.longValue()));
      return new TensorInfo(
          name,
          TensorInfo.ElementType.valueOf(node.required("dtype").asText()),
          shape,
          offsets.required(0).longValue(),
          offsets.required(1).longValue());
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw new IOException(place + ": bad header entry " + name + ": " + e.getMessage(), e);
    }
  }

  private ByteBuffer readChunk(TensorInfo info, int numBytes) throws IOException {
    return ByteBuffer.wrap(readBytes(numBytes, "tensor " + info.name()))
        .order(ByteOrder.LITTLE_ENDIAN);
  }

  private byte[] readBytes(int numBytes, String what) throws IOException {
    byte[] bytes = in.readNBytes(numBytes);
    if (bytes.length < numBytes) {
      throw new EOFException(
          "%s: ends inside %s (%d of %d bytes); the file is truncated"
              .formatted(place, what, bytes.length, numBytes));
    }
    return bytes;
  }

  /** IEEE 754 binary16 to binary32. */
  static float halfToFloat(short half) {
    int sign = (half & 0x8000) << 16;
    int exponent = (half >> 10) & 0x1f;
    int mantissa = half & 0x3ff;
    if (exponent == 0x1f) {
      return Float.intBitsToFloat(sign | 0x7f800000 | (mantissa << 13));
    } else if (exponent == 0) {
      float magnitude = mantissa * 0x1p-24f;
      return sign == 0 ? magnitude : -magnitude;
    }
    return Float.intBitsToFloat(sign | ((exponent + 112) << 23) | (mantissa << 13));
  }
}
