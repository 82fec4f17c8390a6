package io.tokenflex.jobs.events;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.tokenflex.distributed.SharedSecret;
import io.tokenflex.jobs.failure.FailureKind;
import io.tokenflex.jobs.failure.FullDisk;
import io.tokenflex.jobs.run.Machine;
import io.tokenflex.jobs.testing.LogLines;
import io.tokenflex.train.StepMetrics;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The driver and its ranks without Spark: real sockets on loopback, strangers among them. */
class RankLinesTest {
  private static final String HOST = "127.0.0.1";
  private static final Duration PATIENCE = Duration.ofSeconds(2);
  private static final Duration DEADLINE = Duration.ofSeconds(30);

  private final BlockingQueue<RankMessage> heard = new LinkedBlockingQueue<>();
  private final List<AutoCloseable> open = new ArrayList<>();
  private RankLines lines;

  @BeforeEach
  void listen() throws IOException {
    lines = new RankLines(HOST, PATIENCE, heard::add);
  }

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable each : open) {
      each.close();
    }
    lines.close();
  }

  private DriverConnection.Address start(int attempt) {
    return new DriverConnection.Address(
        HOST, lines.port(), attempt, lines.startAttempt(attempt).toHex());
  }

  private DriverConnection connect(DriverConnection.Address driver, int rank) {
    DriverConnection connection = new DriverConnection(driver, rank, "executor " + rank);
    open.add(connection);
    return connection;
  }

  private Socket visit() throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), lines.port());
    socket.setSoTimeout(Math.toIntExact(DEADLINE.toMillis()));
    open.add(socket);
    return socket;
  }

  private static TrainingEvent.Failed failure(int rank) {
    return new TrainingEvent.Failed(rank, FailureKind.DATA, "shard of rank " + rank);
  }

  private static RankMessage failure(int attempt, int rank) {
    return new RankMessage(attempt, rank, failure(rank));
  }

  private static StepMetrics metrics(long step, double loss) {
    return new StepMetrics(
        step,
        0.1,
        64,
        loss,
        1e-3,
        1 / 3.0,
        640,
        32,
        2,
        0.25,
        0.125,
        Instant.ofEpochSecond(step, 7));
  }

  private RankMessage next() throws InterruptedException {
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
  void everyMessageOfEveryRankIsHeardBeforeTheEndOfItsAttempt() throws Exception {
    for (int attempt = 1; attempt <= 50; attempt++) {
      DriverConnection.Address driver = start(attempt);
      for (int rank = 0; rank < 4; rank++) {
        DriverConnection line = connect(driver, rank);
        assertThat(lines.openRanks()).containsEntry(rank, "executor_" + rank);
        line.send(failure(rank));
        line.close();
      }
      lines.drain(DEADLINE);
      assertThat(heard)
          .as("attempt %d", attempt)
          .containsExactlyInAnyOrder(
              failure(attempt, 0), failure(attempt, 1), failure(attempt, 2), failure(attempt, 3));
      assertThat(lines.openRanks()).isEmpty();
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
    assertThat(next()).isEqualTo(failure(2, 1));
    assertThat(heard).isEmpty();
    assertThat(lines.openRanks()).isEqualTo(Map.of(1, "executor_1"));
  }

  @Test
  void aRankOfAnEarlierAttemptIsAStranger() throws Exception {
    DriverConnection.Address first = start(1);
    DriverConnection.Address second = start(2);
    connect(first, 0).send(failure(0));
    connect(new DriverConnection.Address(HOST, lines.port(), 2, first.secret()), 0)
        .send(failure(0));
    connect(second, 1).send(failure(1));
    assertThat(next()).isEqualTo(failure(2, 1));
    assertThat(heard).isEmpty();
  }

  @Test
  void whatHasArrivedOfAnEarlierAttemptIsNotHandledInTheNext() throws Exception {
    CountDownLatch isBusy = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    try (RankLines slow =
        new RankLines(
            HOST,
            PATIENCE,
            message -> {
              heard.add(message);
              isBusy.countDown();
              await(goOn);
            })) {
      DriverConnection dying =
          connect(
              new DriverConnection.Address(HOST, slow.port(), 1, slow.startAttempt(1).toHex()), 0);
      dying.send(failure(0));
      dying.send(new TrainingEvent.StepDone(metrics(1, 2)));
      dying.send(failure(0));
      dying.close();
      isBusy.await();
      while (!slow.openRanks().isEmpty()) { // until all of it has been read
        TimeUnit.MILLISECONDS.sleep(1);
      }
      DriverConnection next =
          connect(
              new DriverConnection.Address(HOST, slow.port(), 2, slow.startAttempt(2).toHex()), 1);
      next.send(failure(1));
      goOn.countDown();
      assertThat(next()).isEqualTo(failure(1, 0));
      assertThat(next()).isEqualTo(failure(2, 1));
      assertThat(heard).isEmpty();
    }
  }

  @Test
  void everyKindOfEventArrivesAsItWasTold() throws Exception {
    List<TrainingEvent> events =
        List.of(
            new TrainingEvent.Joined(new Machine("Xeon \"x\"", 4, 1L << 40, true)),
            new TrainingEvent.Started(10, 1L << 40, "BF16", "as set\nin the conf"),
            new TrainingEvent.SettingsChanged(List.of("a: 1, was 2", "\u0000 \u00e9 \ud83d\ude00")),
            new TrainingEvent.SettingsChanged(List.of()),
            new TrainingEvent.StepDone(metrics(3, 0.1)),
            new TrainingEvent.StepDone(metrics(4, Double.NaN)),
            new TrainingEvent.StepDone(metrics(5, Double.NEGATIVE_INFINITY)),
            new TrainingEvent.SampleSkipped(3, "s-1", "Sample s-1 has 900 tokens"),
            new TrainingEvent.CheckpointPublished(5, "hdfs://host/run/checkpoints/step-5"),
            new TrainingEvent.Waiting("shard x", 12, true),
            new TrainingEvent.Failed(17, FailureKind.MEMORY, "OutOfMemoryError"));
    assertThat(events.stream().<Class<?>>map(Object::getClass).distinct())
        .containsExactlyInAnyOrder(TrainingEvent.class.getPermittedSubclasses());
    DriverConnection rank = connect(start(4), 2);
    events.forEach(rank::send);
    for (TrainingEvent event : events) {
      assertThat(next()).isEqualTo(new RankMessage(4, 2, event));
    }
  }

  /** A rank of this attempt, as far as its hello goes, that then says what it likes. */
  private Socket impolite(DriverConnection.Address driver, int rank) throws IOException {
    Socket socket = visit();
    SharedSecret secret = SharedSecret.fromHex(driver.secret());
    RankHello hello = RankHello.of(driver.attempt(), rank, "0");
    say(socket, hello.toLine(secret) + "\n");
    int answer = hello.answer(secret).length() + 1;
    assertThat(socket.getInputStream().readNBytes(answer)).hasSize(answer);
    return socket;
  }

  private static void say(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(UTF_8));
  }

  @Test
  void linesThatAreNoMessageAreLeftOutAndTheRankIsHeardAgain() throws Exception {
    DriverConnection.Address driver = start(1);
    Socket rank = impolite(driver, 0);
    String good = failure(1, 0).toLine();
    List<String> hostile =
        List.of(
            "",
            "null",
            "[]",
            "\0\0\0",
            "[".repeat(100_000),
            good.substring(0, good.length() / 2),
            good + good,
            good.replace("\"attempt\":1,", ""),
            good.replace("\"rank\":0", "\"rank\":\"x\""),
            good.replace("\"attempt\":1", "\"attempt\":1,\"more\":2"),
            good.replace("\"failed\"", "\"unheardOf\""),
            good.replace("\"DATA\"", "\"BAD LUCK\""),
            "{\"attempt\":1,\"rank\":0,\"event\":null}",
            "{\"attempt\":1,\"rank\":0,\"event\":{\"type\":\"step\"}}",
            "{\"attempt\":1,\"rank\":0,\"event\":{\"type\":\"settings\",\"changes\":null}}");
    assertThat(hostile).doesNotContain(good);
    try (LogLines logged = LogLines.capture()) {
      for (String line : hostile) {
        say(rank, line + "\n");
      }
      say(rank, good + "\n");
      assertThat(next()).isEqualTo(failure(1, 0));
      assertThat(heard).isEmpty();
      assertThat(logged.containing("of rank 0 cannot be read")).as("said once").hasSize(1);
    }
  }

  @Test
  void aLineThatBreaksInTheMiddleOfAMessageEndsWithTheMessageBefore() throws Exception {
    DriverConnection.Address driver = start(1);
    String good = failure(1, 0).toLine();
    for (int length = 1; length <= good.length(); length += 7) {
      Socket rank = impolite(driver, 0);
      say(rank, good + "\n" + good.substring(0, length));
      rank.close();
      lines.drain(DEADLINE);
      assertThat(heard).as("cut after %d characters", length).containsExactly(failure(1, 0));
      heard.clear();
    }
  }

  @Test
  void aRankThatSpeaksForAnotherRankOrAttemptIsCutOff() throws Exception {
    DriverConnection.Address driver = start(3);
    for (RankMessage forged : List.of(failure(2, 0), failure(4, 0), failure(3, 1))) {
      Socket rank = impolite(driver, 0);
      say(rank, forged.toLine() + "\n" + failure(3, 0).toLine() + "\n");
      assertThat(isEnded(rank)).as("%s", forged).isTrue();
    }
    connect(driver, 1).send(failure(1));
    assertThat(next()).isEqualTo(failure(3, 1));
    assertThat(heard).isEmpty();
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
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
    assertThat(next()).isEqualTo(failure(1, 0));
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
          .write((hello + "\n" + failure(1, 7).toLine() + "\n").getBytes(UTF_8));
      assertThat(isEnded(stranger)).as(hello).isTrue();
    }
    connect(driver, 0).send(failure(0));
    assertThat(next()).isEqualTo(failure(1, 0));
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
                    heard.add(failure(1, 9)); // it would hear what the rank says
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
    BlockingQueue<RankMessage> later = new LinkedBlockingQueue<>();
    try (RankLines fragile =
        new RankLines(
            HOST,
            PATIENCE,
            message -> {
              if (message.event() instanceof TrainingEvent.StepDone) {
                throw FullDisk.error();
              }
              later.add(message);
            })) {
      String secret = fragile.startAttempt(1).toHex();
      DriverConnection line =
          connect(new DriverConnection.Address(HOST, fragile.port(), 1, secret), 0);
      line.send(new TrainingEvent.StepDone(metrics(1, 2)));
      line.send(failure(0));
      assertThat(later.poll(DEADLINE.toSeconds(), TimeUnit.SECONDS)).isEqualTo(failure(1, 0));
    }
  }

  @Test
  void noHelloTellsTheSecretOrTheNonceTwice() {
    SharedSecret secret = SharedSecret.random();
    String first = RankHello.of(1, 0, "0").toLine(secret);
    String second = RankHello.of(1, 0, "0").toLine(secret);
    assertThat(first).isNotEqualTo(second).doesNotContain(secret.toHex());
    assertThat(first.length()).isLessThan(RankHello.MAX_BYTES);
    assertThat(RankHello.parse(first, secret)).isPresent();
    assertThat(RankHello.parse(first, SharedSecret.random())).isEmpty();
  }
}
