package io.tokenflex.batches;

import io.tokenflex.batches.MicroBatches.StepBatches;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

/**
 * Prepares the batches of the next steps on a background thread while the current step computes.
 */
public final class Prefetcher implements AutoCloseable {
  /** Either batches or the failure that ended the thread. */
  private record Item(StepBatches batches, Throwable failure) {}

  /** How long {@link #close} waits for a read that does not respond to interruption. */
  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(10);

  private final BlockingQueue<Item> queue;
  private final Duration closeTimeout;
  private final Thread thread;

  /** Produces the batches of consecutive steps. */
  @FunctionalInterface
  public interface Source {
    StepBatches next() throws IOException;
  }

  /**
   * Starts prefetching.
   *
   * @param numSteps number of steps to read in total
   * @param depth maximum number of prepared steps
   * @param onEnd runs on the background thread when it ends; only then may resources of {@code
   *     source} be closed
   */
  public Prefetcher(Source source, long numSteps, int depth, Runnable onEnd) {
    this(source, numSteps, depth, onEnd, CLOSE_TIMEOUT);
  }

  Prefetcher(Source source, long numSteps, int depth, Runnable onEnd, Duration closeTimeout) {
    this.closeTimeout = closeTimeout;
    queue = new ArrayBlockingQueue<>(depth);
    thread =
        new Thread(
            () -> {
              try {
                run(source, numSteps);
              } finally {
                onEnd.run();
              }
            },
            "prefetch");
    thread.setDaemon(true);
    // Threads of Java's common pool, which Spark uses, lack the class loader of the user's jar; see
    // docs/LOG.md.
    thread.setContextClassLoader(Thread.currentThread().getContextClassLoader());
    thread.start();
  }

  private void run(Source source, long numSteps) {
    try {
      for (long i = 0; i < numSteps; i++) {
        queue.put(new Item(source.next(), null));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // interrupted by close()
    } catch (Throwable e) { // rethrown on the training thread
      try {
        queue.put(new Item(null, e));
      } catch (InterruptedException closed) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Waits for the batches of the next step; rethrows a failure of the background thread. */
  public StepBatches next() throws IOException, InterruptedException {
    Item item = queue.take();
    if (item.failure() instanceof IOException e) {
      throw e;
    } else if (item.failure() instanceof RuntimeException e) {
      throw e;
    } else if (item.failure() != null) {
      throw new IllegalStateException("Reading ahead failed", item.failure());
    }
    return item.batches();
  }

  /**
   * Interrupts the background thread and waits up to 10 s; a thread blocked in a read longer than
   * that is abandoned (it is a daemon).
   */
  @Override
  public void close() {
    thread.interrupt();
    try {
      thread.join(closeTimeout.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
