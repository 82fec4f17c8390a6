package io.tokenflex.distributed;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenflex.testing.Ranks;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class PeerWatchTest {
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  /** What a rank does with its watch. */
  private interface Task<T> {
    T run(PeerWatch watch, int rank) throws Exception;
  }

  private static <T> List<T> run(int worldSize, Task<T> task) {
    return Ranks.run(
        worldSize,
        group -> {
          try (PeerWatch watch =
              PeerWatch.open((TcpRingProcessGroup) group, "127.0.0.1", 0, PATIENCE)) {
            return task.run(watch, group.rank());
          }
        });
  }

  private static String await(Supplier<Optional<String>> what) throws InterruptedException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (what.get().isEmpty() && System.nanoTime() < end) {
      TimeUnit.MILLISECONDS.sleep(1);
    }
    return what.get().orElse("nothing");
  }

  @Test
  void aReasonReachesAllRanksInTheWordsOfTheFirst() {
    List<String> reasons =
        run(
            5,
            (watch, rank) -> {
              if (rank == 3) {
                watch.fail("rank 3 saw it");
              }
              return await(watch::failure);
            });
    assertThat(reasons).hasSize(5).containsOnly("rank 3 saw it");
  }

  @Test
  void goingAsPlannedIsADepartureAndNoFailure() {
    CountDownLatch seen = new CountDownLatch(1);
    List<String> words =
        run(
            2,
            (watch, rank) -> {
              if (rank == 1) {
                watch.close();
                return seen.await(10, TimeUnit.SECONDS) ? "left" : "was not released";
              }
              String word = await(watch::departure) + ", " + watch.failure().orElse("no failure");
              seen.countDown();
              return word;
            });
    assertThat(words).containsExactly("rank 1 has left the group, no failure", "left");
  }

  @Test
  void aRollCallNamesTheRankThatIsBehind() {
    CountDownLatch started = new CountDownLatch(4);
    CountDownLatch asked = new CountDownLatch(1);
    List<String> words =
        run(
            4,
            (watch, rank) -> {
              watch.started(rank == 2 ? 6 : 7);
              started.countDown();
              started.await(10, TimeUnit.SECONDS);
              if (rank != 0) {
                return asked.await(10, TimeUnit.SECONDS) ? "waited" : "was not released";
              }
              String word = watch.whoIsLate(PATIENCE);
              asked.countDown();
              return word;
            });
    assertThat(words.get(0)).isEqualTo("rank 2 has started 6 collectives of 7");
  }

  @Test
  void allMayAskAtOnce() {
    CountDownLatch asked = new CountDownLatch(3);
    List<String> words =
        run(
            3,
            (watch, rank) -> {
              String word = watch.whoIsLate(PATIENCE);
              asked.countDown();
              return asked.await(10, TimeUnit.SECONDS) ? word : "was not released";
            });
    assertThat(words)
        .containsOnly("all ranks have started it, so a GPU or the network between them is stuck");
  }

  /** The first whose deadline passes leaves, and cannot answer the next who asks. */
  @Test
  void aRollCallEndsWhenTheGroupBreaksAndTheReasonIsThere() {
    CountDownLatch asked = new CountDownLatch(1);
    List<String> words =
        run(
            3,
            (watch, rank) -> {
              if (rank == 2) {
                watch.fail("rank 1 is behind");
                return "left";
              }
              if (rank == 1) {
                return asked.await(20, TimeUnit.SECONDS) ? "waited" : "was not released";
              }
              long start = System.nanoTime();
              watch.whoIsLate(PATIENCE.multipliedBy(3));
              Duration time = Duration.ofNanos(System.nanoTime() - start);
              asked.countDown();
              assertThat(time).isLessThan(PATIENCE.multipliedBy(2));
              return watch.failure().orElse("no failure");
            });
    assertThat(words).containsExactly("rank 1 is behind", "waited", "left");
  }
}
