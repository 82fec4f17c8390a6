package io.tokenflex.distributed;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Collectives over a ring of TCP connections, on the memory of CPU tensors.
 *
 * <p>All-reduce is the bandwidth-optimal ring (Patarasuk and Yuan 2009): a reduce-scatter and an
 * all-gather of worldSize - 1 rounds each. A thread of its own sends while the caller receives and
 * adds, chunk by chunk. Every element is summed in one fixed order and then copied, so all ranks
 * end with the same bits, run after run.
 */
public final class TcpRingProcessGroup implements ProcessGroup {
  private static final int CHUNK_BYTES = 256 << 10;
  private static final int MAX_WRITE_BYTES = 1 << 20;
  private static final int MAX_MESSAGE_BYTES = 16 << 20;

  private final int rank;
  private final int worldSize;
  private final Duration timeout;
  private final SocketChannel next;
  private final SocketChannel previous;
  private final ExecutorService sender;
  private final ByteBuffer scratch =
      ByteBuffer.allocateDirect(CHUNK_BYTES).order(ByteOrder.nativeOrder());
  private final float[] mine = new float[CHUNK_BYTES / Float.BYTES];
  private final float[] theirs = new float[CHUNK_BYTES / Float.BYTES];

  private TcpRingProcessGroup(int rank, int worldSize, Duration timeout, Connections connections) {
    this.rank = rank;
    this.worldSize = worldSize;
    this.timeout = timeout;
    this.next = connections.next();
    this.previous = connections.previous();
    this.sender =
        Executors.newSingleThreadExecutor(
            task -> {
              Thread thread = new Thread(task, "ring-sender");
              thread.setDaemon(true);
              return thread;
            });
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
    if (rendezvous.worldSize() == 1) {
      return new SingleProcessGroup();
    }
    return new TcpRingProcessGroup(
        rendezvous.rank(),
        rendezvous.worldSize(),
        timeout,
        Connections.open(rendezvous, host, port, timeout));
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
  public void allReduceSum(NDArray values) {
    ByteBuffer buffer = memoryOf(values);
    collective("all-reduce of " + values.size() + " values", () -> allReduce(buffer));
  }

  @Override
  public void broadcast(NDArray values) {
    ByteBuffer buffer = memoryOf(values);
    collective("broadcast of " + values.size() + " values", () -> broadcast(buffer));
  }

  @Override
  public List<byte[]> allGather(byte[] message) {
    List<byte[]> messages = new ArrayList<>(Collections.nCopies(worldSize, new byte[0]));
    messages.set(rank, message.clone());
    collective(
        "gathering messages",
        () -> {
          for (int round = 0; round < worldSize - 1; round++) {
            byte[] out = messages.get(Math.floorMod(rank - round, worldSize));
            ByteBuffer framed = ByteBuffer.allocate(Integer.BYTES + out.length);
            Future<?> sent = send(framed.putInt(out.length).put(out).flip());
            messages.set(Math.floorMod(rank - round - 1, worldSize), receiveMessage());
            await(sent);
          }
        });
    return messages;
  }

  private byte[] receiveMessage() throws IOException {
    ByteBuffer length = ByteBuffer.allocate(Integer.BYTES);
    receive(length);
    int size = length.flip().getInt();
    if (size < 0 || size > MAX_MESSAGE_BYTES) {
      throw new IOException("a message of " + size + " bytes; ranks are out of step");
    }
    ByteBuffer in = ByteBuffer.allocate(size);
    receive(in);
    return in.array();
  }

  private void allReduce(ByteBuffer buffer) throws IOException, InterruptedException {
    int elements = buffer.capacity() / Float.BYTES;
    for (int round = 0; round < worldSize - 1; round++) { // reduce-scatter
      Future<?> sent = send(part(buffer, elements, Math.floorMod(rank - round, worldSize)));
      receiveAndAdd(part(buffer, elements, Math.floorMod(rank - round - 1, worldSize)));
      await(sent);
    }
    for (int round = 0; round < worldSize - 1; round++) { // all-gather
      Future<?> sent = send(part(buffer, elements, Math.floorMod(rank - round + 1, worldSize)));
      receive(part(buffer, elements, Math.floorMod(rank - round, worldSize)));
      await(sent);
    }
  }

  private void broadcast(ByteBuffer buffer) throws IOException, InterruptedException {
    boolean last = rank == worldSize - 1;
    for (int from = 0; from < buffer.capacity(); from += CHUNK_BYTES) {
      ByteBuffer chunk = slice(buffer, from, Math.min(CHUNK_BYTES, buffer.capacity() - from));
      if (rank != 0) {
        receive(chunk.duplicate());
      }
      if (!last) {
        await(send(chunk));
      }
    }
  }

  private void receiveAndAdd(ByteBuffer target) throws IOException {
    while (target.hasRemaining()) {
      int bytes = Math.min(CHUNK_BYTES, target.remaining());
      scratch.clear().limit(bytes);
      receive(scratch);
      int n = bytes / Float.BYTES;
      FloatBuffer sum = slice(target, target.position(), bytes).asFloatBuffer();
      // Bulk copies around a float[] loop: the loop is vectorised, one over buffers is not.
      sum.get(0, mine, 0, n);
      scratch.flip().asFloatBuffer().get(theirs, 0, n);
      for (int i = 0; i < n; i++) {
        mine[i] += theirs[i];
      }
      sum.put(0, mine, 0, n);
      target.position(target.position() + bytes);
    }
  }

  private void receive(ByteBuffer target) throws IOException {
    while (target.hasRemaining()) {
      if (previous.read(target) < 0) {
        throw new EOFException("the connection was closed");
      }
    }
  }

  private Future<?> send(ByteBuffer source) {
    return sender.submit(
        () -> {
          int end = source.limit();
          while (source.position() < end) {
            // Larger writes make the JDK allocate a temporary buffer of that size.
            source.limit(Math.min(end, source.position() + MAX_WRITE_BYTES));
            next.write(source);
          }
          return null;
        });
  }

  private static void await(Future<?> sent) throws IOException, InterruptedException {
    try {
      sent.get();
    } catch (ExecutionException e) {
      throw new IOException("sending failed: " + e.getCause(), e.getCause());
    }
  }

  private ByteBuffer part(ByteBuffer buffer, int elements, int index) {
    int from = (int) ((long) elements * index / worldSize);
    int to = (int) ((long) elements * (index + 1) / worldSize);
    return slice(buffer, from * Float.BYTES, (to - from) * Float.BYTES);
  }

  private static ByteBuffer slice(ByteBuffer buffer, int from, int length) {
    return buffer
        .duplicate()
        .position(from)
        .limit(from + length)
        .slice()
        .order(ByteOrder.nativeOrder());
  }

  private static ByteBuffer memoryOf(NDArray values) {
    if (values.getDataType() != DataType.FLOAT32 || values.getDevice().isGpu()) {
      throw new IllegalArgumentException(
          "The TCP ring reduces fp32 values in CPU memory; got %s on %s"
              .formatted(values.getDataType(), values.getDevice()));
    }
    return values.toByteBuffer(true).order(ByteOrder.nativeOrder()); // the tensor's own memory
  }

  private interface Operation {
    void run() throws IOException, InterruptedException;
  }

  private void collective(String what, Operation operation) {
    long start = System.nanoTime();
    try (Deadline deadline = new Deadline(timeout, next, previous)) {
      try {
        operation.run();
      } catch (IOException e) {
        close();
        throw failure(what, start, deadline.expired(), e);
      } catch (InterruptedException e) {
        close();
        Thread.currentThread().interrupt();
        throw failure(what, start, false, e);
      }
    }
  }

  private CollectiveException failure(String what, long start, boolean late, Exception cause) {
    return new CollectiveException(
        "Rank %d of %d: %s failed after %.1f s waiting for rank %d or %d: %s; restart all ranks from the last checkpoint"
            .formatted(
                rank,
                worldSize,
                what,
                (System.nanoTime() - start) / 1e9,
                Math.floorMod(rank - 1, worldSize),
                (rank + 1) % worldSize,
                late ? "the deadline of " + timeout + " passed" : cause.toString()),
        cause);
  }

  @Override
  public void close() {
    Deadline.closeAll(List.of(next, previous));
    sender.shutdownNow();
  }
}
