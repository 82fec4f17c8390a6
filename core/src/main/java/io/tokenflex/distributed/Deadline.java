package io.tokenflex.distributed;

import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * Closes channels when time is up, which wakes whoever is blocked in them.
 *
 * <p>A blocked {@code SocketChannel} ignores SO_TIMEOUT, so closing it is the only way.
 */
final class Deadline implements AutoCloseable {
  private static final ScheduledExecutorService WATCHDOG =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "collective-deadline");
            thread.setDaemon(true);
            return thread;
          });

  private final ScheduledFuture<?> alarm;
  private volatile boolean expired;

  Deadline(Duration timeout, Closeable... channels) {
    alarm =
        WATCHDOG.schedule(
            () -> {
              expired = true;
              closeAll(List.of(channels));
            },
            timeout.toMillis(),
            TimeUnit.MILLISECONDS);
  }

  boolean expired() {
    return expired;
  }

  @Override
  public void close() {
    alarm.cancel(false);
  }

  static void closeAll(List<? extends Closeable> channels) {
    for (Closeable channel : channels) {
      try {
        channel.close();
      } catch (IOException e) {
        // Closing is all that is left to do with a broken channel.
      }
    }
  }
}
