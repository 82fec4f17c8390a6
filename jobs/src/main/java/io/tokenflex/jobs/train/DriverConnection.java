package io.tokenflex.jobs.train;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A rank's line to the driver. Losing it costs the progress display, never the training. */
final class DriverConnection implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(DriverConnection.class);
  private static final Duration TIMEOUT = Duration.ofSeconds(10);
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Socket socket = new Socket();
  private BufferedWriter out;

  DriverConnection(String host, int port, String token) {
    try {
      socket.connect(new InetSocketAddress(host, port), Math.toIntExact(TIMEOUT.toMillis()));
      out = new BufferedWriter(new OutputStreamWriter(socket.getOutputStream(), UTF_8));
      out.write(token + "\n");
      out.flush();
    } catch (IOException e) {
      lost(e);
    }
  }

  /** Sends at once. */
  void send(RankReport report) {
    if (out == null) {
      return;
    }
    try {
      out.write(JSON.writerFor(RankReport.class).writeValueAsString(report));
      out.write('\n');
      out.flush();
    } catch (IOException e) {
      lost(e);
    }
  }

  private void lost(IOException e) {
    log.warn("No connection to the driver's progress display; training goes on", e);
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
