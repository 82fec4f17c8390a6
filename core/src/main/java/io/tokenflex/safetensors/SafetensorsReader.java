package io.tokenflex.safetensors;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.NoSuchElementException;

/**
 * Reads a safetensors stream tensor by tensor, in data order.
 *
 * <p>Format: 8 bytes little-endian header length, a JSON header, the data (huggingface/safetensors,
 * "Format" in its README). A damaged file throws an {@link IOException} that names the file and the
 * problem. Memory is bounded by the bytes received, not by sizes in the header. After the last
 * tensor was read, the stream must end.
 *
 * <p>{@link SafetensorsFolder} offers random access to a local folder.
 */
public final class SafetensorsReader implements Closeable {
  /** Maximum array length that every JVM can allocate. */
  static final int MAX_ARRAY_LENGTH = Integer.MAX_VALUE - 8;

  private static final int CHUNK_BYTES = 1 << 20;

  /** Arrays grow at most by this factor, so that memory follows the bytes received. */
  private static final long GROWTH = 4;

  private final InputStream in;
  private final String place;
  private final SafetensorsHeader header;
  private byte[] chunk = new byte[0];
  private int next;

  /**
   * Reads and validates the header.
   *
   * @param place the file's name, for messages
   */
  public SafetensorsReader(InputStream in, String place) throws IOException {
    this.in = in;
    this.place = place;
    this.header = SafetensorsHeader.read(in, place);
    checkEnd();
  }

  /** All tensors, in the order in which they are read. */
  public List<TensorInfo> tensors() {
    return header.tensors();
  }

  /** Whether a tensor is left to read. */
  public boolean hasNext() {
    return next < tensors().size();
  }

  /**
   * The tensor that the next read returns.
   *
   * @throws NoSuchElementException if all tensors were read
   */
  public TensorInfo peek() {
    if (!hasNext()) {
      throw new NoSuchElementException(
          String.format(Locale.ROOT, "%s: all %d tensors were read", place, tensors().size()));
    }
    return tensors().get(next);
  }

  /**
   * Reads the next tensor as fp32; F16 and BF16 are converted exactly.
   *
   * @throws IOException if it has another element type, is too long for an array, or the file ends
   *     early
   */
  public float[] readFloats() throws IOException {
    TensorInfo tensor = peek();
    int length = checkFloats(tensor, place);
    int perChunk = CHUNK_BYTES / tensor.elementType().numBytes();
    float[] values = new float[Math.min(length, perChunk)];
    int done = 0;
    while (done < length) {
      if (done == values.length) {
        values = Arrays.copyOf(values, (int) Math.min(length, GROWTH * done));
      }
      int count = Math.min(perChunk, values.length - done);
      ByteBuffer bytes = readChunk(tensor, count, done);
      ElementCodec.decode(tensor.elementType(), bytes, values, done, count);
      done += count;
    }
    next++;
    checkEnd();
    return values;
  }

  /**
   * Streams the next tensor, of any length, as fp32.
   *
   * @throws IOException if it has another element type or the file ends early
   */
  public void readFloats(FloatPieces pieces) throws IOException {
    TensorInfo tensor = peek();
    checkElementType(tensor, place);
    int perChunk = CHUNK_BYTES / tensor.elementType().numBytes();
    for (long done = 0; done < tensor.numElements(); done += perChunk) {
      float[] values = new float[(int) Math.min(perChunk, tensor.numElements() - done)];
      ByteBuffer bytes = readChunk(tensor, values.length, done);
      ElementCodec.decode(tensor.elementType(), bytes, values, 0, values.length);
      pieces.accept(done, values);
    }
    next++;
    checkEnd();
  }

  /**
   * Reads the next tensor, which must be I64.
   *
   * @throws IOException if it has another element type, is too long for an array, or the file ends
   *     early
   */
  public long[] readLongs() throws IOException {
    TensorInfo tensor = peek();
    if (tensor.elementType() != TensorInfo.ElementType.I64) {
      throw new IOException(
          "%s: tensor %s holds %s; expected I64"
              .formatted(place, tensor.name(), tensor.elementType()));
    }
    int length = checkLength(tensor, tensor.numElements(), place);
    int perChunk = CHUNK_BYTES / Long.BYTES;
    long[] values = new long[Math.min(length, perChunk)];
    int done = 0;
    while (done < length) {
      if (done == values.length) {
        values = Arrays.copyOf(values, (int) Math.min(length, GROWTH * done));
      }
      int count = Math.min(perChunk, values.length - done);
      readChunk(tensor, count, done).asLongBuffer().get(values, done, count);
      done += count;
    }
    next++;
    checkEnd();
    return values;
  }

  @Override
  public void close() throws IOException {
    in.close();
  }

  /** Length of the array for a tensor of floats; throws for other element types. */
  static int checkFloats(TensorInfo tensor, String place) throws IOException {
    checkElementType(tensor, place);
    return checkLength(tensor, tensor.numElements(), place);
  }

  static void checkElementType(TensorInfo tensor, String place) throws IOException {
    if (!tensor.elementType().fitsFloat()) {
      throw new IOException(
          "%s: tensor %s holds %s; expected F32, F16 or BF16. Convert it where it was written"
              .formatted(place, tensor.name(), tensor.elementType()));
    }
  }

  private static int checkLength(TensorInfo tensor, long numElements, String place)
      throws IOException {
    if (numElements > MAX_ARRAY_LENGTH) {
      throw new IOException(
          String.format(
              Locale.ROOT,
              "%s: tensor %s has %d elements; an array takes at most %d. Split it where it was written",
              place,
              tensor.name(),
              numElements,
              MAX_ARRAY_LENGTH));
    }
    return (int) numElements;
  }

  private ByteBuffer readChunk(TensorInfo tensor, int count, long before) throws IOException {
    int width = tensor.elementType().numBytes();
    int numBytes = count * width;
    if (chunk.length < numBytes) {
      chunk = new byte[numBytes];
    }
    int n = in.readNBytes(chunk, 0, numBytes);
    if (n < numBytes) {
      throw SafetensorsHeader.truncated(
          place, "tensor " + tensor.name(), before * width + n, tensor.numBytes());
    }
    return ByteBuffer.wrap(chunk, 0, numBytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  private void checkEnd() throws IOException {
    if (!hasNext() && in.read() >= 0) {
      throw SafetensorsHeader.trailing(place, "1 or more", header.dataBytes());
    }
  }
}
