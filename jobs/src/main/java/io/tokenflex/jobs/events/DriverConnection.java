package io.tokenflex.jobs.events;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.tokenflex.distributed.SharedSecret;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Serializable;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A rank's line to the driver. Losing it costs the progress display, never the training. */
public final class DriverConnection implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(DriverConnection.class);
  private static final Duration TIMEOUT = Duration.ofSeconds(10);

  private final Socket socket = new Socket();
  private final int attempt;
  private final int rank;
  private BufferedWriter out;

  /**
   * Where the driver listens to the ranks of one attempt.
   *
   * @param secret hexadecimal; travels with the task, by Spark's own channel
   */
  public record Address(String host, int port, int attempt, String secret) implements Serializable {
    private static final long serialVersionUID = 1;

    /** Does not tell the secret. */
    @Override
    public String toString() {
      return host + ":" + port + ", attempt " + attempt;
    }
  }

  /**
   * Connects, if the driver can be reached.
   *
   * @param executor id of the Spark executor that the rank runs on
   */
  public DriverConnection(Address driver, int rank, String executor) {
    this.attempt = driver.attempt();
    this.rank = rank;
    try {
      socket.connect(
          new InetSocketAddress(driver.host(), driver.port()), Math.toIntExact(TIMEOUT.toMillis()));
      socket.setSoTimeout(Math.toIntExact(TIMEOUT.toMillis()));
      socket.setTcpNoDelay(true);
      SharedSecret secret = SharedSecret.fromHex(driver.secret());
      RankHello hello = RankHello.of(driver.attempt(), rank, executor);
      out = new BufferedWriter(new OutputStreamWriter(socket.getOutputStream(), UTF_8));
      out.write(hello.toLine(secret) + "\n");
      out.flush();
      String expected = hello.answer(secret) + "\n";
      String answer = new String(socket.getInputStream().readNBytes(expected.length()), UTF_8);
      if (!answer.equals(expected)) {
        throw new IOException("whoever answers at " + driver + " is not this attempt's driver");
      }
    } catch (IOException e) {
      lost(e);
    }
  }

  /** Sends at once; from any thread. */
  public synchronized void send(TrainingEvent event) {
    if (out == null) {
      return;
    }
    try {
      out.write(new RankMessage(attempt, rank, event).toLine());
      out.write('\n');
      out.flush();
    } catch (IOException e) {
      lost(e);
    }
  }

  private void lost(IOException e) {
    log.warn("No connection to the driver's progress display ({}); training goes on", e.toString());
    out = null;
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      log.debug("Closing the line to the driver", e);
    }
  }
}
