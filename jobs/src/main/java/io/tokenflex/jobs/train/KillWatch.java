package io.tokenflex.jobs.train;

import io.tokenflex.distributed.ProcessGroup;
import java.time.Duration;
import org.apache.spark.TaskContext;

/**
 * Wakes a rank that waits for a dead peer: Spark marks the task as killed, but a thread blocked in
 * a socket does not notice until the socket is closed.
 */
final class KillWatch implements AutoCloseable {
  private final Thread thread;

  KillWatch(TaskContext context, ProcessGroup group, Duration interval) {
    thread = new Thread(() -> watch(context, group, interval), "kill-watch");
    thread.setDaemon(true);
  }

  void start() {
    thread.start();
  }

  private static void watch(TaskContext context, ProcessGroup group, Duration interval) {
    try {
      while (!context.isInterrupted()) {
        Thread.sleep(interval.toMillis());
      }
      group.close();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // the rank is done
    }
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
