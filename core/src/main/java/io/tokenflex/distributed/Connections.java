package io.tokenflex.distributed;

import io.tokenflex.failure.InvalidInputException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The two sockets of a rank in the ring: {@code next} to the rank above, {@code previous} from the
 * rank below.
 */
record Connections(SocketChannel next, SocketChannel previous) {
  private static final int MAGIC = 0x544F4B46; // "TOKF"
  private static final int HELLO_BYTES = Integer.BYTES + Long.BYTES + Integer.BYTES;

  /** A peer says hello as soon as it is connected. */
  private static final Duration MAX_HELLO_TIMEOUT = Duration.ofSeconds(10);

  /**
   * Listens, exchanges addresses, connects upward, accepts from below.
   *
   * @param host the address under which other ranks reach this one
   * @param port 0 lets the system choose
   */
  static Connections open(Rendezvous rendezvous, String host, int port, Duration timeout) {
    int rank = rendezvous.rank();
    int world = rendezvous.worldSize();
    try (ServerSocketChannel server = listen(rank, host, port)) {
      int localPort = ((InetSocketAddress) server.getLocalAddress()).getPort();
      // Rank 0's number tells this attempt's peers from those of an earlier one.
      long session = ThreadLocalRandom.current().nextLong();
      List<String> addresses = rendezvous.exchange(host + " " + localPort + " " + session);
      session = Long.parseLong(addresses.get(0).split(" ", -1)[2]);
      int above = (rank + 1) % world;
      int below = Math.floorMod(rank - 1, world);
      SocketChannel next = connect(rank, above, addresses.get(above), session, timeout);
      try {
        return new Connections(next, accept(server, rank, below, session, timeout));
      } catch (IOException | RuntimeException e) {
        next.close(); // so that the rank above fails at once, not at its deadline
        throw e;
      }
    } catch (IOException e) {
      throw new CollectiveException("Rank " + rank + " cannot join the ring: " + e.getMessage(), e);
    }
  }

  private static ServerSocketChannel listen(int rank, String host, int port) throws IOException {
    ServerSocketChannel server = ServerSocketChannel.open();
    try {
      server.bind(new InetSocketAddress(InetAddress.getByName(host), port));
      return server;
    } catch (IOException e) {
      server.close();
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "Rank %d cannot listen on %s:%d (%s); set cluster.collectivePort = 0 to let the system"
                  + " choose, or free the port",
              rank,
              host,
              port,
              e.getMessage()),
          e);
    }
  }

  private static SocketChannel connect(
      int rank, int peer, String address, long session, Duration timeout) throws IOException {
    String[] parts = address.split(" ", -1);
    SocketChannel channel = SocketChannel.open();
    try {
      channel
          .socket()
          .connect(
              new InetSocketAddress(parts[0], Integer.parseInt(parts[1])),
              Math.toIntExact(timeout.toMillis()));
      channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
      ByteBuffer hello =
          ByteBuffer.allocate(HELLO_BYTES).putInt(MAGIC).putLong(session).putInt(rank).flip();
      while (hello.hasRemaining()) {
        channel.write(hello);
      }
      return channel;
    } catch (IOException e) {
      channel.close();
      throw new CollectiveException(
          String.format(
              Locale.ROOT,
              "Rank %d cannot reach rank %d at %s:%s: %s; check that executors can reach each other",
              rank,
              peer,
              parts[0],
              parts[1],
              e.getMessage()),
          e);
    }
  }

  private static SocketChannel accept(
      ServerSocketChannel server, int rank, int peer, long session, Duration timeout)
      throws IOException {
    try (Deadline deadline = new Deadline(timeout, server)) {
      while (true) {
        SocketChannel channel;
        try {
          channel = server.accept();
        } catch (IOException e) {
          throw new CollectiveException(
              String.format(
                  Locale.ROOT,
                  "Rank %d: rank %d did not connect %s",
                  rank,
                  peer,
                  deadline.expired() ? "within " + timeout : e.toString()),
              e);
        }
        if (isPeer(channel, peer, session, timeout)) {
          channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
          return channel;
        }
        channel.close(); // a stranger, or a peer of an earlier attempt
      }
    }
  }

  /** A stranger may be silent or reset the connection: neither must keep the peer from joining. */
  private static boolean isPeer(SocketChannel channel, int peer, long session, Duration timeout) {
    ByteBuffer hello = ByteBuffer.allocate(HELLO_BYTES);
    Duration share = timeout.dividedBy(4);
    Duration patience = share.compareTo(MAX_HELLO_TIMEOUT) < 0 ? share : MAX_HELLO_TIMEOUT;
    try (Deadline deadline = new Deadline(patience, channel)) {
      while (hello.hasRemaining() && channel.read(hello) >= 0) {}
      hello.flip();
      return !deadline.expired()
          && hello.remaining() == HELLO_BYTES
          && hello.getInt() == MAGIC
          && hello.getLong() == session
          && hello.getInt() == peer;
    } catch (IOException e) {
      return false;
    }
  }
}
