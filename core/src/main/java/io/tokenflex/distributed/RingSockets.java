package io.tokenflex.distributed;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.Serial;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;

/**
 * The two sockets of a rank, served by the thread that calls: it sends while there is room,
 * receives while there is something, and sleeps when neither is so.
 *
 * <p>A second thread for sending costs two hand-overs a round and, with as many ranks as cores,
 * takes a core from a peer. Closing from another thread ends a transfer.
 */
final class RingSockets implements Closeable {
  /** Between two looks at the other direction. */
  private static final int MAX_WRITE_BYTES = 128 << 10;

  /**
   * The system's own choice grows to megabytes, which leave the cache before the peer reads them;
   * measured on loopback, see docs/LOG.md.
   */
  private static final int SEND_BUFFER_BYTES = 512 << 10;

  private final SocketChannel next;
  private final SocketChannel previous;
  private final Selector selector;
  private final SelectionKey writable;
  private final SelectionKey readable;

  /** What a transfer moves; both methods are asked, in this order, before every progress. */
  interface Transfer {
    /** What the next bytes go into, never without room; null when all are here. */
    ByteBuffer incoming();

    /** Whose remaining bytes may go now, perhaps none; null when all are gone. */
    ByteBuffer outgoing();

    /** Bytes have arrived in {@link #incoming}. */
    default void received() {}
  }

  private RingSockets(Connections connections) throws IOException {
    next = connections.next();
    next.setOption(StandardSocketOptions.SO_SNDBUF, SEND_BUFFER_BYTES);
    previous = connections.previous();
    selector = Selector.open();
    writable = register(next);
    readable = register(previous);
  }

  /** Takes over connections; closes them if it cannot. */
  static RingSockets of(Connections connections) {
    try {
      return new RingSockets(connections);
    } catch (IOException e) {
      Deadline.closeAll(List.of(connections.next(), connections.previous()));
      throw new CollectiveException("The ring's sockets cannot be used: " + e.getMessage(), e);
    }
  }

  private SelectionKey register(SocketChannel channel) throws IOException {
    channel.configureBlocking(false);
    return channel.register(selector, 0);
  }

  /** Sends and receives all of two buffers. */
  void exchange(ByteBuffer out, ByteBuffer in, long deadline)
      throws IOException, InterruptedException {
    run(
        new Transfer() {
          @Override
          public ByteBuffer outgoing() {
            return out.hasRemaining() ? out : null;
          }

          @Override
          public ByteBuffer incoming() {
            return in.hasRemaining() ? in : null;
          }
        },
        deadline);
  }

  /**
   * Runs a transfer to its end.
   *
   * @param deadline as {@link System#nanoTime} counts
   * @throws LateException at the deadline
   */
  void run(Transfer transfer, long deadline) throws IOException, InterruptedException {
    while (true) {
      ByteBuffer in = transfer.incoming();
      ByteBuffer out = transfer.outgoing();
      if (out == null && in == null) {
        return;
      }
      int moved = out != null && out.hasRemaining() ? write(out) : 0;
      if (in != null) {
        int read = previous.read(in);
        if (read < 0) {
          throw new EOFException("the connection was closed");
        }
        if (read > 0) {
          moved += read;
          transfer.received();
        }
      }
      long left = deadline - System.nanoTime();
      if (left <= 0) {
        throw new LateException();
      }
      if (moved == 0) {
        sleep(out != null && out.hasRemaining(), in != null, left);
      }
    }
  }

  private int write(ByteBuffer out) throws IOException {
    int end = out.limit();
    out.limit(out.position() + Math.min(out.remaining(), MAX_WRITE_BYTES));
    int written = next.write(out);
    out.limit(end);
    return written;
  }

  private void sleep(boolean isSending, boolean isReceiving, long nanos)
      throws IOException, InterruptedException {
    try {
      writable.interestOps(isSending ? SelectionKey.OP_WRITE : 0);
      readable.interestOps(isReceiving ? SelectionKey.OP_READ : 0);
      selector.select(key -> {}, Math.max(1, Duration.ofNanos(nanos).toMillis()));
    } catch (CancelledKeyException | ClosedSelectorException e) {
      throw new ClosedChannelException();
    }
    if (Thread.interrupted()) {
      throw new InterruptedException("interrupted while waiting for a peer");
    }
  }

  /** The selector last: it wakes whoever sleeps, who then finds the sockets closed. */
  @Override
  public void close() {
    Deadline.closeAll(List.of(next, previous, selector));
  }

  /** The deadline passed. */
  static final class LateException extends IOException {
    @Serial private static final long serialVersionUID = 1;
  }
}
