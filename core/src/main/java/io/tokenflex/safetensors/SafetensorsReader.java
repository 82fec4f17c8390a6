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
 * Reads a safetensors file from front to back, tensor by tensor, in the order of the data.
 *
 * <p>Format: 8 bytes little-endian header length, a JSON header, the data (huggingface/safetensors,
 * "Format" in its README). A damaged file gets an {@link IOException} that names the file and what
 * is wrong. Memory grows with what the stream delivers, never with what its header promises.
 * Whether the file ends after its last tensor is checked when that tensor was read.
 *
 * <p>For random access to a folder on the local disk see {@link SafetensorsFolder}.
 */
public final class SafetensorsReader implements Closeable {
  /** The largest array that every JVM allocates. */
  static final int MAX_ARRAY_LENGTH = Integer.MAX_VALUE - 8;

  private static final int CHUNK_BYTES = 1 << 20;

  /** How much longer than what has arrived an array may become. */
  private static final long GROWTH = 4;

  private final InputStream in;
  private final String place;
  private final SafetensorsHeader header;
  private byte[] chunk = new byte[0];
  private int next;

  /**
   * Reads and checks the header.
   *
   * @param place names the file in messages
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
   * @throws NoSuchElementException if all were read
   */
  public TensorInfo peek() {
    if (!hasNext()) {
      throw new NoSuchElementException(
          String.format(Locale.ROOT, "%s: all %d tensors were read", place, tensors().size()));
    }
    return tensors().get(next);
  }

  /**
   * Reads the next tensor as fp32; F16 and BF16 are widened, which is exact.
   *
   * @throws IOException if it holds something else, is too long for an array, or the file ends
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
   * Hands over the next tensor as fp32 in small pieces, however long it is.
   *
   * @throws IOException if it holds something else or the file ends
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
   * @throws IOException if it holds something else, is too long for an array, or the file ends
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

  /** How many floats the tensor holds; refuses other element types. */
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
