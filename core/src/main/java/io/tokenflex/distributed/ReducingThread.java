package io.tokenflex.distributed;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

/** Runs the sums of a step one after the other, beside the thread that goes on computing. */
final class ReducingThread {
  private static final int CLOSE_SECONDS = 10;

  private final Queue<Future<?>> started = new ArrayDeque<>();
  private volatile Thread thread;
  private final ExecutorService executor =
      Executors.newSingleThreadExecutor(
          task -> {
            thread = new Thread(task, "all-reduce");
            thread.setDaemon(true);
            return thread;
          });

  void start(Runnable sum) {
    try {
      started.add(executor.submit(sum));
    } catch (RejectedExecutionException e) {
      throw new CollectiveException("The process group was closed", e);
    }
  }

  /** Waits for all that was started; the first failure among it is thrown. */
  void finish() throws InterruptedException {
    try {
      for (Future<?> sum = started.peek(); sum != null; sum = started.peek()) {
        sum.get();
        started.remove();
      }
    } catch (ExecutionException e) {
      if (e.getCause() instanceof CollectiveException collective) {
        throw new CollectiveException(collective.getMessage(), collective);
      } else if (e.getCause() instanceof RuntimeException runtime) {
        throw runtime;
      }
      throw new CollectiveException("All-reduce failed: " + e.getCause(), e.getCause());
    }
  }

  /** Two threads on one pair of sockets would read each other's bytes. */
  void expectIdle() {
    if (!started.isEmpty()) {
      throw new IllegalStateException(
          started.size() + " sums were started and not finished: call finish first");
    }
  }

  /** Returns when no sum writes to its values any more; the sockets are closed already. */
  void close() {
    executor.shutdownNow();
    if (Thread.currentThread() == thread) {
      return; // a sum that failed closes the group
    }
    boolean wasInterrupted = Thread.interrupted(); // the rank that is told to end must wait too
    try {
      if (!executor.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)) {
        throw new IllegalStateException(
            "The all-reduce thread did not end within " + CLOSE_SECONDS + " s");
      }
    } catch (InterruptedException e) {
      wasInterrupted = true;
    } finally {
      if (wasInterrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
