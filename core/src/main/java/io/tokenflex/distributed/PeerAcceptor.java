package io.tokenflex.distributed;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.Predicate;

/**
 * Waits for the one connection whose first bytes are the peer's, among any that come: all are
 * looked at beside each other, each has little time and few bytes, and there are few at once. So
 * strangers who are silent, talk or come in crowds cost the peer nothing.
 */
final class PeerAcceptor {
  private static final int MAX_VISITORS = 64;

  /** A peer says hello as soon as it is connected. */
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final ServerSocketChannel server;
  private final int helloBytes;
  private final Deque<Visitor> visitors = new ArrayDeque<>();

  /** Somebody who has not said all of a hello. */
  private record Visitor(SocketChannel channel, ByteBuffer hello, long deadline) {}

  PeerAcceptor(ServerSocketChannel server, int helloBytes) {
    this.server = server;
    this.helloBytes = helloBytes;
  }

  /**
   * The first connection whose hello is accepted; null if there is none in time. All others are
   * closed.
   */
  SocketChannel accept(Predicate<ByteBuffer> isPeer, Duration timeout) throws IOException {
    long end = System.nanoTime() + timeout.toNanos();
    SocketChannel peer = null;
    try (Selector selector = Selector.open()) {
      server.configureBlocking(false);
      server.register(selector, SelectionKey.OP_ACCEPT);
      for (long left = timeout.toNanos();
          left > 0 && peer == null;
          left = end - System.nanoTime()) {
        selector.select(Math.max(1, Math.min(100, Duration.ofNanos(left).toMillis())));
        if (Thread.currentThread().isInterrupted()) {
          throw new ClosedByInterruptException();
        }
        for (SelectionKey key : List.copyOf(selector.selectedKeys())) {
          if (key.isValid() && key.isAcceptable()) {
            welcome(selector);
          } else if (key.isValid() && peer == null) {
            peer = listen((Visitor) key.attachment(), isPeer);
          }
        }
        selector.selectedKeys().clear();
        dismissLate();
      }
    } finally {
      visitors.forEach(PeerAcceptor::dismiss);
    }
    return peer;
  }

  private void welcome(Selector selector) throws IOException {
    SocketChannel channel = server.accept();
    if (channel == null) {
      return; // it left before its turn
    }
    if (visitors.size() == MAX_VISITORS) {
      dismiss(visitors.removeFirst());
    }
    Visitor visitor =
        new Visitor(
            channel, ByteBuffer.allocate(helloBytes), System.nanoTime() + PATIENCE.toNanos());
    visitors.addLast(visitor);
    channel.configureBlocking(false);
    channel.register(selector, SelectionKey.OP_READ, visitor);
  }

  private SocketChannel listen(Visitor visitor, Predicate<ByteBuffer> isPeer) {
    try {
      int read = visitor.channel().read(visitor.hello());
      if (read >= 0 && visitor.hello().hasRemaining()) {
        return null;
      }
      visitors.remove(visitor);
      if (!visitor.hello().hasRemaining() && isPeer.test(visitor.hello().flip())) {
        return visitor.channel();
      }
    } catch (IOException e) {
      visitors.remove(visitor); // it reset the connection
    }
    dismiss(visitor);
    return null;
  }

  private void dismissLate() {
    while (!visitors.isEmpty() && visitors.getFirst().deadline() < System.nanoTime()) {
      dismiss(visitors.removeFirst());
    }
  }

  private static void dismiss(Visitor visitor) {
    Deadline.closeAll(List.of(visitor.channel()));
  }
}
