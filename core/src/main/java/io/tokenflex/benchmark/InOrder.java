package io.tokenflex.benchmark;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;

/** Several calls at once, their results in the order of what they were called with. */
final class InOrder {
  private InOrder() {}

  /**
   * Calls the function with every element, at most {@code atOnce} calls at a time. If one throws,
   * no further calls begin, and the first exception in order is thrown.
   */
  static <T, R> List<R> map(List<T> elements, int atOnce, Function<T, R> function) {
    if (atOnce == 1 || elements.size() < 2) {
      return elements.stream().map(function).toList();
    }
    ExecutorService threads = Executors.newFixedThreadPool(Math.min(atOnce, elements.size()));
    try {
      List<Future<R>> calls = new ArrayList<>();
      for (T element : elements) {
        calls.add(threads.submit(() -> function.apply(element)));
      }
      List<R> results = new ArrayList<>(calls.size());
      for (Future<R> call : calls) {
        results.add(call.get());
      }
      return results;
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new IllegalStateException("A call failed", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while rows were judged; run again", e);
    } finally {
      threads.shutdownNow();
    }
  }
}
