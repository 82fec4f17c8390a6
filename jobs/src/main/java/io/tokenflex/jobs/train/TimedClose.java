package io.tokenflex.jobs.train;

import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Closes what may hang: a stream whose reader is stuck on a mount waits for that reader. After a
 * while it is left behind, so that the rank can end.
 */
record TimedClose(Closeable resource, String name, Duration timeout) implements Closeable {
  private static final Logger log = LoggerFactory.getLogger(TimedClose.class);

  @Override
  public void close() throws IOException {
    Thread thread =
        new Thread(
            () -> {
              try {
                resource.close();
              } catch (IOException | RuntimeException e) {
                log.warn("Closing {} failed: {}", name, e.toString());
              }
            },
            "close");
    thread.setDaemon(true);
    thread.start();
    try {
      thread.join(timeout.toMillis());
      if (thread.isAlive()) {
        log.warn("{} did not close within {} s and is left open", name, timeout.toSeconds());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
