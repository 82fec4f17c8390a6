package io.tokenflex.jobs.train;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.tokenflex.distributed.SharedSecret;
import io.tokenflex.jobs.failure.FailureKind;
import io.tokenflex.jobs.failure.FullDisk;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The driver and its ranks without Spark: real sockets on loopback, strangers among them. */
class RankReportsTest {
  private static final String HOST = "127.0.0.1";
  private static final Duration PATIENCE = Duration.ofSeconds(2);
  private static final Duration DEADLINE = Duration.ofSeconds(30);

  private final BlockingQueue<RankReport> heard = new LinkedBlockingQueue<>();
  private final List<AutoCloseable> open = new ArrayList<>();
  private RankReports reports;

  @BeforeEach
  void listen() throws IOException {
    reports = new RankReports(HOST, PATIENCE, heard::add);
  }

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable each : open) {
      each.close();
    }
    reports.close();
  }

  private DriverConnection.Address start(int attempt) {
    return new DriverConnection.Address(
        HOST, reports.port(), attempt, reports.startAttempt(attempt).toHex());
  }

  private DriverConnection connect(DriverConnection.Address driver, int rank) {
    DriverConnection connection = new DriverConnection(driver, rank, "executor " + rank);
    open.add(connection);
    return connection;
  }

  private Socket visit() throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), reports.port());
    socket.setSoTimeout(Math.toIntExact(DEADLINE.toMillis()));
    open.add(socket);
    return socket;
  }

  private static RankReport.Failed failure(int rank) {
    return new RankReport.Failed(rank, rank, FailureKind.DATA, "shard of rank " + rank);
  }

  private RankReport next() throws InterruptedException {
    return heard.poll(DEADLINE.toSeconds(), TimeUnit.SECONDS);
  }

  private static boolean isEnded(Socket socket) throws IOException {
    try {
      return socket.getInputStream().read() < 0;
    } catch (SocketException e) {
      return true; // reset
    }
  }

  @Test
  void everyReportOfEveryRankIsHeardBeforeTheEndOfItsAttempt() throws Exception {
    for (int attempt = 1; attempt <= 50; attempt++) {
      DriverConnection.Address driver = start(attempt);
      for (int rank = 0; rank < 4; rank++) {
        DriverConnection line = connect(driver, rank);
        assertThat(reports.openRanks()).containsEntry(rank, "executor_" + rank);
        line.send(failure(rank));
        line.close();
      }
      reports.drain(DEADLINE);
      assertThat(heard)
          .as("attempt %d", attempt)
          .containsExactlyInAnyOrder(failure(0), failure(1), failure(2), failure(3));
      assertThat(reports.openRanks()).isEmpty();
      heard.clear();
    }
  }

  @Test
  void aDyingAttemptsWordsDoNotReachTheNextOne() throws Exception {
    DriverConnection dying = connect(start(1), 0);
    DriverConnection.Address second = start(2);
    dying.send(failure(0));
    DriverConnection next = connect(second, 1);
    next.send(failure(1));
    assertThat(next()).isEqualTo(failure(1));
    assertThat(heard).isEmpty();
    assertThat(reports.openRanks()).isEqualTo(Map.of(1, "executor_1"));
  }

  @Test
  void aRankOfAnEarlierAttemptIsAStranger() throws Exception {
    DriverConnection.Address first = start(1);
    DriverConnection.Address second = start(2);
    connect(first, 0).send(failure(0));
    connect(new DriverConnection.Address(HOST, reports.port(), 2, first.secret()), 0)
        .send(failure(0));
    connect(second, 1).send(failure(1));
    assertThat(next()).isEqualTo(failure(1));
    assertThat(heard).isEmpty();
  }

  @Test
  void aLineWithoutEndIsCutOff() throws Exception {
    start(1);
    Socket stranger = visit();
    OutputStream out = stranger.getOutputStream();
    byte[] chunk = new byte[1 << 16];
    int sent = 0;
    try {
      while (sent < 1000) {
        out.write(chunk);
        sent++;
      }
    } catch (SocketException e) {
      // cut off
    }
    assertThat(sent).as("chunks of 64 KiB taken").isLessThan(1000);
  }

  @Test
  void aSilentStrangerIsSentAwayInTime() throws Exception {
    start(1);
    assertThat(isEnded(visit())).isTrue();
  }

  @Test
  void aCrowdOfSilentStrangersCostsNoThreadsAndDoesNotKeepARankFromItsDriver() throws Exception {
    DriverConnection.Address driver = start(1);
    int before = Thread.activeCount();
    for (int i = 0; i < 200; i++) {
      visit();
    }
    connect(driver, 0).send(failure(0));
    assertThat(next()).isEqualTo(failure(0));
    assertThat(Thread.activeCount()).isLessThan(before + 20);
  }

  @Test
  void strangersWhoTalkAreNotHeard() throws Exception {
    DriverConnection.Address driver = start(1);
    SharedSecret wrong = SharedSecret.random();
    for (String hello :
        List.of(
            "GET / HTTP/1.1",
            "",
            RankHello.of(1, 0, "0").toLine(wrong),
            RankHello.of(1, 0, "0").toLine(wrong).replace(" 1 0 ", " 1 x "),
            "tokenflex-rank-1 1 0 0 zz zz")) {
      Socket stranger = visit();
      stranger
          .getOutputStream()
          .write((hello + "\n{\"type\":\"failed\",\"rank\":7}\n").getBytes(UTF_8));
      assertThat(isEnded(stranger)).as(hello).isTrue();
    }
    connect(driver, 0).send(failure(0));
    assertThat(next()).isEqualTo(failure(0));
    assertThat(heard).isEmpty();
  }

  @Test
  void whoeverCannotAnswerIsNotTheDriver() throws Exception {
    try (ServerSocket impostor = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String secret = SharedSecret.random().toHex();
      Thread answering =
          new Thread(
              () -> {
                try (Socket rank = impostor.accept()) {
                  rank.getInputStream().read(new byte[RankHello.MAX_BYTES]);
                  rank.getOutputStream().write("a".repeat(64).concat("\n").getBytes(UTF_8));
                  rank.shutdownOutput();
                  while (rank.getInputStream().read() >= 0) {
                    heard.add(failure(9)); // it would hear what the rank says
                  }
                } catch (IOException e) {
                  // the rank has left
                }
              });
      answering.start();
      DriverConnection line =
          new DriverConnection(
              new DriverConnection.Address(HOST, impostor.getLocalPort(), 1, secret), 0, "0");
      line.send(failure(0));
      line.close();
      answering.join(DEADLINE.toMillis());
      assertThat(heard).isEmpty();
    }
  }

  @Test
  void aListenerThatThrowsDoesNotMakeTheDriverDeaf() throws Exception {
    BlockingQueue<RankReport> later = new LinkedBlockingQueue<>();
    try (RankReports fragile =
        new RankReports(
            HOST,
            PATIENCE,
            report -> {
              if (report instanceof RankReport.Step) {
                throw FullDisk.error();
              }
              later.add(report);
            })) {
      String secret = fragile.startAttempt(1).toHex();
      DriverConnection line =
          connect(new DriverConnection.Address(HOST, fragile.port(), 1, secret), 0);
      line.send(new RankReport.Step("{}"));
      line.send(failure(0));
      assertThat(later.poll(DEADLINE.toSeconds(), TimeUnit.SECONDS)).isEqualTo(failure(0));
    }
  }

  @Test
  void noReportTellsTheSecretOrTheNonceTwice() {
    SharedSecret secret = SharedSecret.random();
    String first = RankHello.of(1, 0, "0").toLine(secret);
    String second = RankHello.of(1, 0, "0").toLine(secret);
    assertThat(first).isNotEqualTo(second).doesNotContain(secret.toHex());
    assertThat(first.length()).isLessThan(RankHello.MAX_BYTES);
    assertThat(RankHello.parse(first, secret)).isPresent();
    assertThat(RankHello.parse(first, SharedSecret.random())).isEmpty();
  }
}
