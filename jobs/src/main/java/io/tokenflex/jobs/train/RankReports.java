package io.tokenflex.jobs.train;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The driver's end of the ranks' lines: hands every report to one listener, one at a time. */
final class RankReports implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(RankReports.class);
  private static final ObjectMapper JSON = new ObjectMapper();

  private final ServerSocket server;
  private final String token = HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong());
  private final Consumer<RankReport> listener;
  private final List<Thread> readers = new ArrayList<>();

  /**
   * Listens on {@code host}.
   *
   * @param listener called under a lock
   */
  RankReports(String host, Consumer<RankReport> listener) throws IOException {
    this.server = new ServerSocket(0, 0, InetAddress.getByName(host));
    this.listener = listener;
    start("rank-reports", this::accept);
  }

  int port() {
    return server.getLocalPort();
  }

  /** What a rank says first, so that strangers are not listened to. */
  String token() {
    return token;
  }

  /** Waits until every rank's line has closed, so that no report is missed; at most two seconds. */
  void drain() throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(2);
    List<Thread> open;
    synchronized (readers) {
      open = List.copyOf(readers);
    }
    for (Thread reader : open) {
      reader.join(Math.max(1, TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime())));
    }
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket socket = server.accept();
        synchronized (readers) {
          readers.removeIf(reader -> !reader.isAlive());
          readers.add(start("rank-report", () -> read(socket)));
        }
      } catch (IOException e) {
        log.debug("The driver stopped listening to ranks", e);
      }
    }
  }

  private void read(Socket socket) {
    try (socket;
        BufferedReader in =
            new BufferedReader(new InputStreamReader(socket.getInputStream(), UTF_8))) {
      if (!token.equals(in.readLine())) {
        return;
      }
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        RankReport report = JSON.readValue(line, RankReport.class);
        synchronized (listener) {
          listener.accept(report);
        }
      }
    } catch (IOException e) {
      log.debug("A rank's line broke", e); // its task tells Spark why
    }
  }

  private static Thread start(String name, Runnable body) {
    Thread thread = new Thread(body, name);
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
