package io.tokenflex.distributed;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.kernels.HostMemory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/**
 * Collectives over a ring of TCP connections, on the memory of CPU tensors.
 *
 * <p>All-reduce is the bandwidth-optimal ring (Patarasuk and Yuan 2009): a reduce-scatter and an
 * all-gather of worldSize - 1 rounds each, as one stream ({@link RingAllReduce}). Every element is
 * summed in one fixed order and then copied, so all ranks end with the same bits, run after run.
 */
public final class TcpRingProcessGroup implements ProcessGroup {
  private static final int MAX_MESSAGE_BYTES = 16 << 20;

  private final int rank;
  private final int worldSize;
  private final Duration timeout;
  private final RingSockets sockets;
  private final SharedSecret secret;
  private final int maxBufferBytes;
  private final RingAllReduce.Adder adder = new RingAllReduce.Adder();
  private final ReducingThread reducer = new ReducingThread();

  private TcpRingProcessGroup(
      Rendezvous rendezvous, Duration timeout, Connections connections, int maxBufferBytes) {
    this.rank = rendezvous.rank();
    this.worldSize = rendezvous.worldSize();
    this.timeout = timeout;
    this.sockets = RingSockets.of(connections);
    this.secret = connections.secret();
    this.maxBufferBytes = maxBufferBytes;
  }

  /**
   * Joins the ring of all ranks that meet at {@code rendezvous}.
   *
   * @param host the address under which other ranks reach this one
   * @param port to listen on while joining; 0 lets the system choose
   * @param timeout of joining and of every collective
   * @throws CollectiveException if a peer cannot be reached in time
   * @throws IllegalArgumentException if the port is taken
   */
  public static ProcessGroup join(Rendezvous rendezvous, String host, int port, Duration timeout) {
    return join(rendezvous, host, port, timeout, HostMemory.MAX_BUFFER_BYTES);
  }

  /** As above; longer values are reduced in parts of {@code maxBufferBytes}, one by one. */
  static ProcessGroup join(
      Rendezvous rendezvous, String host, int port, Duration timeout, int maxBufferBytes) {
    if (rendezvous.worldSize() == 1) {
      return new SingleProcessGroup();
    }
    return new TcpRingProcessGroup(
        rendezvous, timeout, Connections.open(rendezvous, host, port, timeout), maxBufferBytes);
  }

  /** What the ranks of this ring know and nobody else. */
  SharedSecret secret() {
    return secret;
  }

  @Override
  public int rank() {
    return rank;
  }

  @Override
  public int worldSize() {
    return worldSize;
  }

  @Override
  public void startAllReduceSum(NDArray values) {
    List<ByteBuffer> buffers = memoryOf(values);
    long count = values.size();
    reducer.start(() -> reduce(buffers, count));
  }

  @Override
  public void finish() {
    try {
      reducer.finish();
    } catch (InterruptedException e) {
      close();
      Thread.currentThread().interrupt();
      throw new CollectiveException("Interrupted while waiting for an all-reduce", e);
    }
  }

  /** On the calling thread: it would only wait for another one. */
  @Override
  public void allReduceSum(NDArray values) {
    List<ByteBuffer> buffers = memoryOf(values);
    reducer.expectIdle();
    reduce(buffers, values.size());
  }

  private void reduce(List<ByteBuffer> buffers, long count) {
    collective(
        "all-reduce of " + count + " values",
        deadline -> {
          for (ByteBuffer buffer : buffers) {
            sockets.run(new RingAllReduce(rank, worldSize, buffer, adder), deadline);
          }
        });
  }

  @Override
  public void broadcast(NDArray values) {
    List<ByteBuffer> buffers = memoryOf(values);
    reducer.expectIdle();
    collective(
        "broadcast of " + values.size() + " values",
        deadline -> {
          for (ByteBuffer buffer : buffers) {
            sockets.run(new RingBroadcast(rank, worldSize, buffer), deadline);
          }
        });
  }

  @Override
  public List<byte[]> allGather(byte[] message) {
    reducer.expectIdle();
    List<byte[]> messages = new ArrayList<>(Collections.nCopies(worldSize, new byte[0]));
    messages.set(rank, message.clone());
    collective(
        "gathering messages",
        deadline -> {
          for (int round = 0; round < worldSize - 1; round++) {
            byte[] out = messages.get(Math.floorMod(rank - round, worldSize));
            messages.set(Math.floorMod(rank - round - 1, worldSize), exchange(out, deadline));
          }
        });
    return messages;
  }

  /** Sends a message to the rank above while receiving one from the rank below. */
  private byte[] exchange(byte[] message, long deadline) throws IOException, InterruptedException {
    ByteBuffer length = ByteBuffer.allocate(Integer.BYTES);
    sockets.exchange(
        ByteBuffer.allocate(Integer.BYTES).putInt(message.length).flip(), length, deadline);
    int size = length.flip().getInt();
    if (size < 0 || size > MAX_MESSAGE_BYTES) {
      throw new IOException("a message of " + size + " bytes; ranks are out of step");
    }
    byte[] received = new byte[size];
    sockets.exchange(ByteBuffer.wrap(message), ByteBuffer.wrap(received), deadline);
    return received;
  }

  private List<ByteBuffer> memoryOf(NDArray values) {
    if (values.getDataType() != DataType.FLOAT32 || values.getDevice().isGpu()) {
      throw new InvalidInputException(
          "The TCP ring reduces fp32 values in CPU memory; got %s on %s"
              .formatted(values.getDataType(), values.getDevice()));
    }
    return HostMemory.buffers(values, maxBufferBytes); // the tensor's own memory
  }

  private interface Operation {
    void run(long deadline) throws IOException, InterruptedException;
  }

  private void collective(String what, Operation operation) {
    long start = System.nanoTime();
    try {
      operation.run(start + timeout.toNanos());
    } catch (IOException e) {
      close();
      throw failure(what, start, e instanceof RingSockets.LateException, e);
    } catch (InterruptedException e) {
      close();
      Thread.currentThread().interrupt();
      throw failure(what, start, false, e);
    }
  }

  private CollectiveException failure(String what, long start, boolean late, Exception cause) {
    String message =
        String.format(
            Locale.ROOT,
            "Rank %d of %d: %s failed after %.1f s waiting for rank %d or %d: %s; restart all ranks from the last checkpoint",
            rank,
            worldSize,
            what,
            (System.nanoTime() - start) / 1e9,
            Math.floorMod(rank - 1, worldSize),
            (rank + 1) % worldSize,
            late ? "the deadline of " + timeout + " passed" : cause.toString());
    return late
        ? CollectiveException.late(message, cause)
        : new CollectiveException(message, cause);
  }

  @Override
  public void close() {
    sockets.close();
    reducer.close();
  }
}
