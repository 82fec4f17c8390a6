package io.tokenflex.batches;

import io.tokenflex.batches.MicroBatches.StepBatches;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

/** Prepares the next steps' batches on a thread of its own while the current step computes. */
public final class Prefetcher implements AutoCloseable {
  /** Either batches or the failure that ended the thread. */
  private record Item(StepBatches batches, Throwable failure) {}

  /** How long closing waits for a read that does not notice that it is interrupted. */
  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(10);

  private final BlockingQueue<Item> queue;
  private final Duration closeTimeout;
  private final Thread thread;

  /** Where the batches come from. */
  @FunctionalInterface
  public interface Source {
    StepBatches next() throws IOException;
  }

  /**
   * Starts reading ahead.
   *
   * @param numSteps how many steps to read in all
   * @param depth steps kept ready
   * @param onEnd runs on the reading thread when it ends, whenever that is: only then is nothing
   *     used any more that the source needs
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
    // Spark's common-pool threads lack the class loader of the user's jar; see docs/LOG.md.
    thread.setContextClassLoader(Thread.currentThread().getContextClassLoader());
    thread.start();
  }

  private void run(Source source, long numSteps) {
    try {
      for (long i = 0; i < numSteps; i++) {
        queue.put(new Item(source.next(), null));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // closed
    } catch (Throwable e) { // handed to the training thread, which rethrows it
      try {
        queue.put(new Item(null, e));
      } catch (InterruptedException closed) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Waits for the next step's batches; a failure of the reading thread is thrown here. */
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

  /** Ends the thread; one that is stuck in a read is left behind after a while. */
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
