package io.tokenflex.jobs.events;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.tokenflex.distributed.SharedSecret;
import io.tokenflex.jobs.testing.LogLines;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Strangers at the driver's port, and ranks that break the protocol. */
class HostileRankLinesTest extends RankLinesFixture {
  private Socket visit() throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), lines.port());
    socket.setSoTimeout(Math.toIntExact(DEADLINE.toMillis()));
    open.add(socket);
    return socket;
  }

  private static boolean isEnded(Socket socket) throws IOException {
    try {
      return socket.getInputStream().read() < 0;
    } catch (SocketException e) {
      return true; // reset
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
