package io.tokenflex.testing;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.tokenflex.distributed.ProcessGroup;
import io.tokenflex.distributed.Rendezvous;
import io.tokenflex.distributed.TcpRingProcessGroup;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

/**
 * Runs ranks as threads of this JVM over real loopback sockets: proves the logic, not isolation.
 */
public final class Ranks {
  public static final Duration TIMEOUT = Duration.ofSeconds(20);
  private static final String HOST = "127.0.0.1";

  private Ranks() {}

  /** What one rank does. */
  @FunctionalInterface
  public interface RankTask<T> {
    T run(ProcessGroup group) throws Exception;
  }

  /** Runs {@code task} on every rank; results by rank. The first failure is rethrown. */
  public static <T> List<T> run(int worldSize, RankTask<T> task) {
    return run(worldSize, TIMEOUT, task);
  }

  /** As above with a deadline for collectives. */
  public static <T> List<T> run(int worldSize, Duration timeout, RankTask<T> task) {
    return run(new InMemoryRendezvous(worldSize).ranks(), timeout, task);
  }

  /** As above over given rendezvous, one for each rank. */
  public static <T> List<T> run(List<Rendezvous> ranks, Duration timeout, RankTask<T> task) {
    return run(ranks, rank -> TcpRingProcessGroup.join(rank, HOST, 0, timeout), task);
  }

  /** As above with a way of joining of one's own. */
  public static <T> List<T> run(
      List<Rendezvous> ranks, Function<Rendezvous, ProcessGroup> join, RankTask<T> task) {
    ExecutorService pool = Executors.newFixedThreadPool(ranks.size());
    try {
      List<Future<T>> futures = new ArrayList<>();
      for (Rendezvous rank : ranks) {
        futures.add(
            pool.submit(
                () -> {
                  try (ProcessGroup group = join.apply(rank)) {
                    return task.run(group);
                  }
                }));
      }
      List<T> results = new ArrayList<>();
      for (Future<T> future : futures) {
        results.add(future.get(5, TimeUnit.MINUTES));
      }
      return results;
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException runtime) {
        throw runtime;
      }
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException | TimeoutException e) {
      throw new IllegalStateException(e);
    } finally {
      pool.shutdownNow();
    }
  }

  /** The last value of a sum of ones over all ranks. */
  public static float sumOfOnes(ProcessGroup group, int length) {
    try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
      NDArray values = manager.ones(new Shape(length));
      group.allReduceSum(values);
      return values.toFloatArray()[length - 1];
    }
  }
}
