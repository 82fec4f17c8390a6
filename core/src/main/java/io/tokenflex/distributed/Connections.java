package io.tokenflex.distributed;

import io.tokenflex.failure.InvalidInputException;
import java.io.EOFException;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The two sockets of a rank in the ring: {@code next} to the rank above, {@code previous} from the
 * rank below.
 *
 * <p>Both ends of a connection prove to each other that they know the attempt's secret. The rank
 * that connects says who it is, with a number and a proof over both; the one that accepts answers
 * with a proof over that number. All ranks connect first and await answers last: a rank that waited
 * for its answer before it accepts would wait for itself, around the ring.
 */
record Connections(SocketChannel next, SocketChannel previous, SharedSecret secret) {
  private static final int MAGIC = 0x544F4B46; // "TOKF"

  /** What the connections of the ring prove to be for. */
  private static final String RING = "ring";

  /** How many connections may wait until the rank looks at them. */
  private static final int BACKLOG = 256;

  private static final int HELLO_BYTES =
      Integer.BYTES + Integer.BYTES + SharedSecret.NONCE_BYTES + SharedSecret.PROOF_BYTES;

  /**
   * Listens, exchanges addresses, connects upward, accepts from below.
   *
   * @param host the address under which other ranks reach this one
   * @param port 0 lets the system choose
   */
  static Connections open(Rendezvous rendezvous, String host, int port, Duration timeout) {
    return open(RING, Optional.empty(), rendezvous, host, port, timeout);
  }

  /**
   * As above for connections beside the ring's, whose secret is known to all ranks.
   *
   * @param purpose of these connections: no proof is good for those of another one
   */
  static Connections open(
      String purpose,
      SharedSecret known,
      Rendezvous rendezvous,
      String host,
      int port,
      Duration timeout) {
    return open(purpose, Optional.of(known), rendezvous, host, port, timeout);
  }

  private static Connections open(
      String purpose,
      Optional<SharedSecret> known,
      Rendezvous rendezvous,
      String host,
      int port,
      Duration timeout) {
    int rank = rendezvous.rank();
    int world = rendezvous.worldSize();
    try (ServerSocketChannel server = listen(rank, host, port)) {
      int localPort = ((InetSocketAddress) server.getLocalAddress()).getPort();
      // Rank 0's secret is this attempt's: no peer of an earlier one knows it.
      String address = host + " " + localPort;
      List<String> addresses =
          rendezvous.exchange(
              known.isPresent() ? address : address + " " + SharedSecret.random().toHex());
      SharedSecret secret =
          known.orElseGet(() -> SharedSecret.fromHex(addresses.get(0).split(" ", -1)[2]));
      int above = (rank + 1) % world;
      int below = Math.floorMod(rank - 1, world);
      byte[] nonce = SharedSecret.nonce();
      SocketChannel next = connect(rank, above, addresses.get(above), timeout);
      try {
        hello(next, purpose, secret, rank, above, nonce);
        SocketChannel previous = accept(server, purpose, rank, below, secret, timeout);
        try {
          awaitAnswer(next, purpose, secret, rank, above, nonce, timeout);
          return new Connections(next, previous, secret);
        } catch (IOException | RuntimeException e) {
          previous.close();
          throw e;
        }
      } catch (IOException | RuntimeException e) {
        next.close(); // so that the rank above fails at once, not at its deadline
        throw e;
      }
    } catch (IOException e) {
      throw new CollectiveException("Rank " + rank + " cannot join the ring: " + e.getMessage(), e);
    }
  }

  private static ServerSocketChannel listen(int rank, String host, int port) throws IOException {
    InetAddress address = InetAddress.getByName(host);
    ServerSocketChannel server = ServerSocketChannel.open();
    try {
      // Behind a translated address (a container's bridge) the name leads to another machine's
      // interface; strangers who reach the others of this one cannot prove anything.
      boolean isOurs =
          address.isLoopbackAddress() || NetworkInterface.getByInetAddress(address) != null;
      server.bind(
          isOurs ? new InetSocketAddress(address, port) : new InetSocketAddress(port), BACKLOG);
      return server;
    } catch (BindException e) {
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
    } catch (IOException e) {
      server.close();
      throw e;
    }
  }

  private static SocketChannel connect(int rank, int peer, String address, Duration timeout)
      throws IOException {
    String[] parts = address.split(" ", -1);
    SocketChannel channel = SocketChannel.open();
    try {
      channel
          .socket()
          .connect(
              new InetSocketAddress(parts[0], Integer.parseInt(parts[1])),
              Math.toIntExact(timeout.toMillis()));
      channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
      return channel;
    } catch (IOException e) {
      channel.close();
      String message =
          String.format(
              Locale.ROOT,
              "Rank %d cannot reach rank %d at %s:%s: %s; check that executors can reach each other",
              rank,
              peer,
              parts[0],
              parts[1],
              e.getMessage());
      throw e instanceof SocketTimeoutException
          ? CollectiveException.late(message, e)
          : new CollectiveException(message, e);
    }
  }

  private static void hello(
      SocketChannel channel, String purpose, SharedSecret secret, int rank, int peer, byte[] nonce)
      throws IOException {
    write(
        channel,
        ByteBuffer.allocate(HELLO_BYTES)
            .putInt(MAGIC)
            .putInt(rank)
            .put(nonce)
            .put(secret.prove(helloOf(purpose, rank, peer), nonce))
            .flip());
  }

  private static SocketChannel accept(
      ServerSocketChannel server,
      String purpose,
      int rank,
      int peer,
      SharedSecret secret,
      Duration timeout)
      throws IOException {
    byte[] nonce = new byte[SharedSecret.NONCE_BYTES];
    SocketChannel channel =
        new PeerAcceptor(server, HELLO_BYTES)
            .accept(hello -> isPeer(hello, purpose, rank, peer, secret, nonce), timeout);
    if (channel == null) {
      throw CollectiveException.late(
          "Rank " + rank + ": rank " + peer + " did not connect within " + timeout, null);
    }
    try {
      channel.configureBlocking(true);
      channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
      write(channel, ByteBuffer.wrap(secret.prove(answerOf(purpose, rank, peer), nonce)));
      return channel;
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  /** Whether a hello is the peer's, not a stranger's or that of a peer of an earlier attempt. */
  private static boolean isPeer(
      ByteBuffer hello, String purpose, int rank, int peer, SharedSecret secret, byte[] nonce) {
    boolean isNamed = hello.getInt() == MAGIC && hello.getInt() == peer;
    byte[] proof = new byte[SharedSecret.PROOF_BYTES];
    hello.get(nonce).get(proof);
    return isNamed && secret.isProof(proof, helloOf(purpose, peer, rank), nonce);
  }

  private static void awaitAnswer(
      SocketChannel channel,
      String purpose,
      SharedSecret secret,
      int rank,
      int peer,
      byte[] nonce,
      Duration timeout)
      throws IOException {
    byte[] proof = new byte[SharedSecret.PROOF_BYTES];
    try (Deadline deadline = new Deadline(timeout, channel)) {
      try {
        read(channel, SharedSecret.PROOF_BYTES).get(proof);
      } catch (IOException e) {
        String message =
            String.format(
                Locale.ROOT,
                "Rank %d: rank %d did not answer %s",
                rank,
                peer,
                deadline.expired() ? "within " + timeout : "(" + e.getMessage() + ")");
        throw deadline.expired()
            ? CollectiveException.late(message, e)
            : new CollectiveException(message, e);
      }
    }
    if (!secret.isProof(proof, answerOf(purpose, peer, rank), nonce)) {
      throw new CollectiveException(
          String.format(
              Locale.ROOT,
              "Rank %d: whoever answers for rank %d does not know this attempt's secret",
              rank,
              peer),
          null);
    }
  }

  private static String helloOf(String purpose, int from, int to) {
    return purpose + " hello of rank " + from + " to rank " + to;
  }

  private static String answerOf(String purpose, int from, int to) {
    return purpose + " answer of rank " + from + " to rank " + to;
  }

  private static void write(SocketChannel channel, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  private static ByteBuffer read(SocketChannel channel, int length) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(length);
    while (bytes.hasRemaining()) {
      if (channel.read(bytes) < 0) {
        throw new EOFException("the connection was closed");
      }
    }
    return bytes.flip();
  }
}
