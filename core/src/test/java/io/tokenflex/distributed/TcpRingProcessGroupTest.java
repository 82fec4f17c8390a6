package io.tokenflex.distributed;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.tokenflex.testing.InMemoryRendezvous;
import io.tokenflex.testing.Ranks;
import io.tokenflex.testing.Ranks.RankTask;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TcpRingProcessGroupTest extends ProcessGroupContract {
  private static final String HOST = "127.0.0.1";

  static List<Integer> worldSizes() {
    return List.of(2, 3, 4);
  }

  @Override
  protected <T> List<T> run(int worldSize, RankTask<T> task) {
    return Ranks.run(worldSize, task);
  }

  /** What the collective threw; empty if nothing. */
  private static String failureOf(Runnable collective) {
    try {
      collective.run();
      return "";
    } catch (CollectiveException e) {
      return e.getMessage();
    }
  }

  @Test
  void aPeerThatLeftIsNamedLongBeforeTheDeadline() {
    long start = System.nanoTime();
    List<String> failures =
        Ranks.run(
            3,
            Ranks.TIMEOUT,
            group -> {
              if (group.rank() == 1) {
                group.close();
                return "left";
              }
              return failureOf(group::barrier);
            });
    assertThat(failures.get(2)).startsWith("Rank 2 of 3: ").contains("waiting for rank 1 or 0");
    assertThat(failures.get(0)).startsWith("Rank 0 of 3: ").contains("waiting for rank 2 or 1");
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Ranks.TIMEOUT);
  }

  @Test
  void aPeerThatNeverCallsIsNamedAtTheDeadline() {
    CountDownLatch failed = new CountDownLatch(1);
    List<String> failures =
        Ranks.run(
            2,
            Duration.ofSeconds(1),
            group -> {
              if (group.rank() == 1) {
                return failed.await(20, TimeUnit.SECONDS) ? "never called" : "not released";
              }
              String failure = failureOf(group::barrier);
              failed.countDown();
              return failure;
            });
    assertThat(failures.get(0))
        .startsWith("Rank 0 of 2: gathering messages failed after ")
        .contains("waiting for rank 1")
        .contains("the deadline of PT1S passed")
        .endsWith("restart all ranks from the last checkpoint");
    assertThat(failures.get(1)).isEqualTo("never called");
  }

  @Test
  void aTakenPortIsNamedWithItsSetting() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Rendezvous rank = new InMemoryRendezvous(2).ranks().get(0);
      assertThatThrownBy(
              () ->
                  TcpRingProcessGroup.join(rank, HOST, taken.getLocalPort(), Ranks.TIMEOUT).close())
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("Rank 0 cannot listen on 127.0.0.1:" + taken.getLocalPort())
          .hasMessageContaining("set cluster.collectivePort = 0");
    }
  }

  /** How a stranger, a port scanner for instance, behaves. */
  enum Stranger {
    TALKS,
    HANGS_UP,
    RESETS,
    SAYS_NOTHING,
    /** All that a peer says, with a proof by another secret. */
    GUESSES,
    COMES_IN_CROWDS;

    Socket visit(String host, int port) throws IOException {
      Socket socket = new Socket(host, port);
      switch (this) {
        case TALKS -> socket.getOutputStream().write("GET / HTTP/1.1\r\n\r\n".getBytes(UTF_8));
        case HANGS_UP -> socket.close();
        case RESETS -> {
          socket.setSoLinger(true, 0);
          socket.close();
        }
        case SAYS_NOTHING -> {}
        case GUESSES -> {
          byte[] nonce = SharedSecret.nonce();
          socket
              .getOutputStream()
              .write(
                  ByteBuffer.allocate(56)
                      .putInt(0x544F4B46)
                      .putInt(1)
                      .put(nonce)
                      .put(SharedSecret.random().prove("ring hello of rank 1 to rank 0", nonce))
                      .array());
        }
        case COMES_IN_CROWDS -> {
          for (int i = 0; i < 100; i++) { // more than the acceptor looks at beside each other
            new Socket(host, port).getOutputStream().write(i);
          }
        }
      }
      return socket;
    }
  }

  /** Lets a stranger connect to the rank before any peer knows its address. */
  private record Visited(Rendezvous rendezvous, Stranger stranger, List<Socket> sockets)
      implements Rendezvous {
    @Override
    public int rank() {
      return rendezvous.rank();
    }

    @Override
    public int worldSize() {
      return rendezvous.worldSize();
    }

    @Override
    public List<String> exchange(String message) {
      String[] parts = message.split(" ", -1);
      try {
        sockets.add(stranger.visit(parts[0], Integer.parseInt(parts[1])));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      return rendezvous.exchange(message);
    }
  }

  @ParameterizedTest
  @EnumSource
  void aStrangerWhoConnectsFirstDoesNotDisturbJoining(Stranger stranger) throws IOException {
    List<Socket> sockets = new ArrayList<>();
    List<Rendezvous> ranks = new ArrayList<>(new InMemoryRendezvous(2).ranks());
    ranks.set(0, new Visited(ranks.get(0), stranger, sockets));
    try {
      List<Integer> messages =
          Ranks.run(ranks, Duration.ofSeconds(4), group -> group.allGather(new byte[3]).size());
      assertThat(messages).containsExactly(2, 2);
    } finally {
      for (Socket socket : sockets) {
        socket.close();
      }
    }
  }

  /** Rank 0 connects to whoever says that it is rank 1. */
  @Test
  void whoeverCannotAnswerIsNoPeer() throws IOException, InterruptedException {
    try (ServerSocket impostor = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Thread answering =
          new Thread(
              () -> {
                try (Socket rank = impostor.accept()) {
                  rank.getOutputStream().write(new byte[SharedSecret.PROOF_BYTES]);
                  rank.getInputStream().readAllBytes();
                } catch (IOException e) {
                  // the rank has left
                }
              });
      answering.start();
      List<Rendezvous> ranks = new InMemoryRendezvous(2).ranks();
      assertThatThrownBy(
              () ->
                  Ranks.run(
                      List.of(
                          new Lying(ranks.get(0), impostor.getLocalPort()),
                          new Lying(ranks.get(1), -1)),
                      Duration.ofSeconds(4),
                      group -> group.allGather(new byte[3]).size()))
          .isInstanceOf(CollectiveException.class)
          .hasMessage("Rank 0: whoever answers for rank 1 does not know this attempt's secret");
      answering.join(Ranks.TIMEOUT.toMillis());
    }
  }

  /** Tells its rank that rank 1 listens on another port, where one is given. */
  private record Lying(Rendezvous rendezvous, int port) implements Rendezvous {
    @Override
    public int rank() {
      return rendezvous.rank();
    }

    @Override
    public int worldSize() {
      return rendezvous.worldSize();
    }

    @Override
    public List<String> exchange(String message) {
      List<String> addresses = new ArrayList<>(rendezvous.exchange(message));
      if (port >= 0) {
        addresses.set(1, addresses.get(1).replaceFirst(" \\d+ ", " " + port + " "));
      }
      return addresses;
    }
  }

  /** Two threads on the ring's sockets would read each other's bytes. */
  @Test
  void nothingElseMayBeAskedForWhileSumsAreUnderWay() {
    List<String> refusals =
        Ranks.run(
            2,
            group -> {
              try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
                group.startAllReduceSum(manager.ones(new Shape(3)));
                String refusal = "none";
                try {
                  group.barrier();
                } catch (IllegalStateException e) {
                  refusal = e.getMessage();
                }
                group.finish();
                group.barrier();
                return refusal;
              }
            });
    assertThat(refusals).containsOnly("1 sums were started and not finished: call finish first");
  }

  /** Nothing may write to an array that is freed after the group was closed. */
  @Test
  void closingEndsASumThatIsUnderWay() {
    CountDownLatch closed = new CountDownLatch(1);
    List<String> ended =
        Ranks.run(
            2,
            group -> {
              if (group.rank() == 1) {
                return closed.await(20, TimeUnit.SECONDS) ? "waited" : "not released";
              }
              try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
                group.startAllReduceSum(manager.ones(new Shape(3_000_000)));
                long start = System.nanoTime();
                group.close();
                String failure = failureOf(group::finish);
                assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Ranks.TIMEOUT);
                closed.countDown();
                return failure;
              }
            });
    assertThat(ended.get(0)).startsWith("Rank 0 of 2: all-reduce of 3000000 values failed after ");
    assertThat(ended.get(1)).isEqualTo("waited");
  }

  @Test
  void otherElementTypesAreRejected() {
    assertThatThrownBy(
            () ->
                Ranks.run(
                    2,
                    group -> {
                      try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
                        group.allReduceSum(manager.zeros(new Shape(2), DataType.INT64));
                      }
                      return null;
                    }))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("The TCP ring reduces fp32 values in CPU memory; got int64 on cpu()");
  }
}
