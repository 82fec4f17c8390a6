package io.tokenflex.distributed;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A connection to each neighbour in the ring of ranks, idle while all goes well. Its end is the
 * neighbour's end, which NCCL inside a node does not notice. Who learns of a failure tells its
 * neighbours the reason, so all ranks know within milliseconds, and all name the same rank.
 *
 * <p>A frame is its length (4 bytes), its kind (1 byte) and its content. A roll call goes upward
 * through the ring, each answer comes back downward: a rank that does not answer is the first of
 * those that are silent.
 */
public final class PeerWatch implements Closeable {
  private static final byte FAILED = 'f';
  private static final byte GOODBYE = 'g';
  private static final byte ROLL_CALL = 'c';
  private static final byte ANSWER = 'a';
  private static final int MAX_FRAME_BYTES = 16 << 10;

  private final int rank;
  private final int worldSize;
  private final SocketChannel next;
  private final SocketChannel previous;
  private final Map<Integer, Long> answers = new TreeMap<>();
  private volatile long started;
  private String failure;
  private String departure;
  private boolean closed;

  private PeerWatch(int rank, int worldSize, Connections connections) {
    this.rank = rank;
    this.worldSize = worldSize;
    this.next = connections.next();
    this.previous = connections.previous();
  }

  /**
   * Connects to both neighbours; a collective call of two ranks or more.
   *
   * @param host the address under which other ranks reach this one
   * @param port to listen on while connecting; 0 lets the system choose
   * @throws CollectiveException if a neighbour cannot be reached in time
   */
  public static PeerWatch open(TcpRingProcessGroup ring, String host, int port, Duration timeout) {
    PeerWatch watch =
        new PeerWatch(
            ring.rank(),
            ring.worldSize(),
            Connections.open("watch", ring.secret(), new OverRing(ring), host, port, timeout));
    watch.listen(watch.next, (watch.rank + 1) % watch.worldSize);
    watch.listen(watch.previous, Math.floorMod(watch.rank - 1, watch.worldSize));
    return watch;
  }

  /** Ranks that have a ring already tell each other by it where they listen. */
  private record OverRing(ProcessGroup ring) implements Rendezvous {
    @Override
    public int rank() {
      return ring.rank();
    }

    @Override
    public int worldSize() {
      return ring.worldSize();
    }

    @Override
    public List<String> exchange(String message) {
      return ring.allGather(message.getBytes(UTF_8)).stream()
          .map(bytes -> new String(bytes, UTF_8))
          .toList();
    }
  }

  private void listen(SocketChannel channel, int peer) {
    Thread thread = new Thread(() -> read(channel, peer), "peer-" + peer);
    thread.setDaemon(true);
    thread.start();
  }

  private void read(SocketChannel channel, int peer) {
    try {
      while (true) {
        ByteBuffer frame = readFrame(channel);
        byte kind = frame.get();
        if (kind == GOODBYE) {
          departed(peer);
          return;
        }
        take(kind, frame);
      }
    } catch (IOException e) {
      fail("rank " + peer + " ended without a word");
    }
  }

  private static ByteBuffer readFrame(SocketChannel channel) throws IOException {
    int length = readBytes(channel, Integer.BYTES).getInt();
    if (length < 1 || length > MAX_FRAME_BYTES) {
      throw new IOException("a frame of " + length + " bytes");
    }
    return readBytes(channel, length);
  }

  private static ByteBuffer readBytes(SocketChannel channel, int length) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(length);
    while (bytes.hasRemaining()) {
      if (channel.read(bytes) < 0) {
        throw new EOFException();
      }
    }
    return bytes.flip();
  }

  private void take(byte kind, ByteBuffer frame) throws IOException {
    switch (kind) {
      case FAILED -> fail(UTF_8.decode(frame).toString());
      case ROLL_CALL -> {
        int caller = frame.getInt();
        if (caller != rank) {
          send(next, ROLL_CALL, ByteBuffer.allocate(Integer.BYTES).putInt(caller).flip());
          send(previous, ANSWER, answer(caller, rank, started));
        }
      }
      case ANSWER -> {
        int caller = frame.getInt();
        int answering = frame.getInt();
        long count = frame.getLong();
        if (caller == rank) {
          answered(answering, count);
        } else {
          send(previous, ANSWER, answer(caller, answering, count));
        }
      }
      default -> throw new IOException("a frame of kind " + kind);
    }
  }

  private static ByteBuffer answer(int caller, int answering, long count) {
    return ByteBuffer.allocate(2 * Integer.BYTES + Long.BYTES)
        .putInt(caller)
        .putInt(answering)
        .putLong(count)
        .flip();
  }

  private synchronized void answered(int answering, long count) {
    answers.put(answering, count);
    notifyAll();
  }

  private synchronized void departed(int peer) {
    departure = "rank " + peer + " has left the group";
  }

  private synchronized void send(SocketChannel channel, byte kind, ByteBuffer content)
      throws IOException {
    ByteBuffer frame = ByteBuffer.allocate(Integer.BYTES + 1 + content.remaining());
    frame.putInt(1 + content.remaining()).put(kind).put(content).flip();
    boolean wasInterrupted = Thread.interrupted(); // else writing would close the channel
    try {
      while (frame.hasRemaining()) {
        channel.write(frame);
      }
    } finally {
      if (wasInterrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** This rank has started so many collectives: what it answers to a roll call. */
  public void started(long collectives) {
    started = collectives;
  }

  /** Why the group is broken, in the words of whoever noticed first. */
  public synchronized Optional<String> failure() {
    return Optional.ofNullable(failure);
  }

  /** Which neighbour has left as it should, while this rank is still there. */
  public synchronized Optional<String> departure() {
    return Optional.ofNullable(departure);
  }

  /** Tells all ranks why the group is broken; the first reason counts. */
  public synchronized void fail(String reason) {
    if (failure != null || closed) {
      return;
    }
    failure = reason;
    notifyAll();
    byte[] bytes = reason.getBytes(UTF_8);
    tellBoth(FAILED, ByteBuffer.wrap(bytes, 0, Math.min(bytes.length, MAX_FRAME_BYTES / 2)));
  }

  private synchronized void tellBoth(byte kind, ByteBuffer content) {
    for (SocketChannel channel : List.of(next, previous)) {
      try {
        send(channel, kind, content.duplicate());
      } catch (IOException e) {
        // That neighbour is gone already; its other one notices by itself.
      }
    }
  }

  /**
   * Asks all ranks how many collectives they have started, and says in words who is late: a rank
   * that does not answer, one that is behind, or none of them. Asking ends early if the group
   * breaks meanwhile: then {@link #failure} tells more.
   */
  public String whoIsLate(Duration patience) {
    Map<Integer, Long> counts = rollCall(patience);
    for (int above = 1; above < worldSize; above++) {
      int asked = (rank + above) % worldSize;
      if (!counts.containsKey(asked)) {
        return "rank " + asked + " does not answer";
      }
    }
    long most = counts.values().stream().mapToLong(Long::longValue).max().orElse(0);
    for (Map.Entry<Integer, Long> one : counts.entrySet()) {
      if (one.getValue() < most) {
        return String.format(
            Locale.ROOT,
            "rank %d has started %d collectives of %d",
            one.getKey(),
            one.getValue(),
            most);
      }
    }
    return "all ranks have started it, so a GPU or the network between them is stuck";
  }

  private synchronized Map<Integer, Long> rollCall(Duration patience) {
    answers.clear();
    answers.put(rank, started);
    long end = System.nanoTime() + patience.toNanos();
    try {
      send(next, ROLL_CALL, ByteBuffer.allocate(Integer.BYTES).putInt(rank).flip());
      for (long left = patience.toMillis();
          answers.size() < worldSize && left > 0 && !closed && failure == null;
          left = Duration.ofNanos(end - System.nanoTime()).toMillis()) {
        wait(left);
      }
    } catch (IOException e) {
      // The neighbour is gone: it does not answer.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return new TreeMap<>(answers);
  }

  @Override
  public synchronized void close() {
    if (!closed && failure == null) {
      tellBoth(GOODBYE, ByteBuffer.allocate(0));
    }
    closed = true;
    notifyAll();
    Deadline.closeAll(List.of(next, previous));
  }
}
