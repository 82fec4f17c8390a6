package io.tokenflex.kernels;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import io.tokenflex.failure.InvalidInputException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Access to the values of contiguous tensors through Java buffers.
 *
 * <p>A Java buffer is limited to 2 GiB, so tensors are read in pieces. DJL's own methods copy a
 * device tensor to a manager that is never closed; here each piece's copy is closed after it was
 * read.
 */
public final class HostMemory {
  /** Size of the pieces in which a device tensor is copied. */
  private static final int PIECE_BYTES = 64 << 20;

  /** Maximum buffer size that is a multiple of 8 bytes. */
  public static final int MAX_BUFFER_BYTES = Integer.MAX_VALUE / Long.BYTES * Long.BYTES;

  private HostMemory() {}

  /** Receives the pieces of a tensor in order. */
  @FunctionalInterface
  public interface Reader<E extends Exception> {
    /**
     * Receives the next piece.
     *
     * @param piece its bytes in native byte order; valid only during the call
     */
    void read(ByteBuffer piece) throws E;
  }

  /** Reads a tensor from start to end. */
  public static <E extends Exception> void read(NDArray array, Reader<E> reader) throws E {
    read(array, PIECE_BYTES, reader);
  }

  /** As above, with pieces of at most {@code maxBytes}. */
  static <E extends Exception> void read(NDArray array, int maxBytes, Reader<E> reader) throws E {
    if (bytesOf(array) <= maxBytes) {
      readPiece(array, reader);
      return;
    }
    long step = maxBytes / array.getDataType().getNumOfBytes();
    try (NDArray flat = array.reshape(new Shape(array.size()))) {
      for (long from = 0; from < array.size(); from += step) {
        try (NDArray piece = slice(flat, from, step)) {
          readPiece(piece, reader);
        }
      }
    }
  }

  private static <E extends Exception> void readPiece(NDArray piece, Reader<E> reader) throws E {
    if (piece.size() == 0) {
      return;
    }
    NDArray host = piece.toDevice(Device.cpu(), false);
    try {
      reader.read(host.toByteBuffer(true).order(ByteOrder.nativeOrder()));
    } finally {
      if (host != piece && host.getManager() != piece.getManager()) {
        host.getManager().close(); // closes this copy only
      } else if (host != piece) {
        host.close();
      }
    }
  }

  /** The values of a small fp32 tensor. */
  public static float[] floats(NDArray array) {
    FloatBuffer values = FloatBuffer.allocate(Math.toIntExact(array.size()));
    HostMemory.<RuntimeException>read(array, piece -> values.put(piece.asFloatBuffer()));
    return values.array();
  }

  /** The values of a small int64 tensor. */
  public static long[] longs(NDArray array) {
    LongBuffer values = LongBuffer.allocate(Math.toIntExact(array.size()));
    HostMemory.<RuntimeException>read(array, piece -> values.put(piece.asLongBuffer()));
    return values.array();
  }

  /**
   * The memory of a CPU tensor as consecutive writable buffers in native byte order, valid until
   * the tensor is closed.
   *
   * @param maxBytes maximum size of a buffer
   */
  public static List<ByteBuffer> buffers(NDArray array, int maxBytes) {
    if (array.getDevice().isGpu()) {
      throw new InvalidInputException(
          "The memory of a tensor on " + array.getDevice() + " is not the host's");
    }
    if (bytesOf(array) <= maxBytes) {
      return List.of(array.toByteBuffer(true).order(ByteOrder.nativeOrder()));
    }
    long step = maxBytes / array.getDataType().getNumOfBytes();
    List<ByteBuffer> buffers = new ArrayList<>();
    try (NDArray flat = array.reshape(new Shape(array.size()))) {
      for (long from = 0; from < array.size(); from += step) {
        try (NDArray piece = slice(flat, from, step)) { // a view; the memory stays allocated
          buffers.add(piece.toByteBuffer(true).order(ByteOrder.nativeOrder()));
        }
      }
    }
    return buffers;
  }

  private static NDArray slice(NDArray flat, long from, long length) {
    return flat.get(new NDIndex().addSliceDim(from, Math.min(flat.size(), from + length)));
  }

  private static long bytesOf(NDArray array) {
    return array.size() * array.getDataType().getNumOfBytes();
  }
}
