package io.tokenflex.batches;

import io.tokenflex.failure.Expect;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Decodes the pictures of a micro-batch beside each other, where the processor's cores have nothing
 * else to do because a GPU trains. What comes of it does not depend on the number of threads.
 */
public final class PictureThreads implements AutoCloseable {
  /** Null: the caller's thread does the work. */
  private final ExecutorService pool;

  /** Starts the threads; with one, there are none and {@link #run} works itself. */
  public PictureThreads(int numThreads) {
    Expect.atLeastOne("numThreads", numThreads);
    ClassLoader loader = Thread.currentThread().getContextClassLoader(); // as in Prefetcher
    pool =
        numThreads == 1
            ? null
            : Executors.newFixedThreadPool(
                numThreads,
                task -> {
                  Thread thread = new Thread(task, "pictures");
                  thread.setDaemon(true);
                  thread.setContextClassLoader(loader);
                  return thread;
                });
  }

  /**
   * Does all of it; returns when it is done.
   *
   * @throws RuntimeException what the first of those in {@code work} that failed has thrown
   * @throws CancellationException if the caller is interrupted, which it stays
   */
  void run(List<Runnable> work) {
    if (pool == null) {
      work.forEach(Runnable::run);
      return;
    }
    try {
      List<Callable<Object>> tasks = work.stream().map(Executors::callable).toList();
      for (Future<Object> task : pool.invokeAll(tasks)) {
        task.get();
      }
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Error error) {
        throw error;
      }
      throw (RuntimeException) e.getCause(); // a Runnable throws nothing else
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancellationException("The pictures of a batch were no longer wanted");
    }
  }

  /** Ends the threads; pictures that are being decoded are finished first. */
  @Override
  public void close() {
    if (pool != null) {
      pool.shutdown();
    }
  }
}
