package io.tokenflex.data;

import io.tokenflex.data.MicroBatches.StepBatches;
import java.io.IOException;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

/** Prepares the next steps' batches on a thread of its own while the current step computes. */
public final class Prefetcher implements AutoCloseable {
  /** Either batches or the failure that ended the thread. */
  private record Item(StepBatches batches, Throwable failure) {}

  private final BlockingQueue<Item> queue;
  private final Thread thread;

  /**
   * Starts reading ahead.
   *
   * @param numSteps how many steps to read in all
   * @param depth steps kept ready
   */
  public Prefetcher(MicroBatches source, long numSteps, int depth) {
    queue = new ArrayBlockingQueue<>(depth);
    thread = new Thread(() -> run(source, numSteps), "prefetch");
    thread.setDaemon(true);
    // Spark's common-pool threads lack the class loader of the user's jar; see docs/LOG.md.
    thread.setContextClassLoader(Thread.currentThread().getContextClassLoader());
    thread.start();
  }

  private void run(MicroBatches source, long numSteps) {
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

  @Override
  public void close() {
    thread.interrupt();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
