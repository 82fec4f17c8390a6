package io.tokenflex.nccl;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.tokenflex.cuda.CudaException;
import io.tokenflex.distributed.CollectiveException;
import io.tokenflex.distributed.ProcessGroup;
import io.tokenflex.distributed.Rendezvous;
import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.testing.FakeNccl;
import io.tokenflex.testing.InMemoryRendezvous;
import io.tokenflex.testing.Ranks;
import io.tokenflex.testing.Ranks.RankTask;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What can go wrong between GPUs, one test each: who is named, how soon, and that the ranks can
 * meet again in the same processes. Rank 1 is where it happens.
 */
class NcclFailureTest {
  private static final Duration DEADLINE = Duration.ofSeconds(3);

  /** Of groups whose failures are noticed before it. */
  private static final Duration LONG_DEADLINE = Duration.ofSeconds(30);

  /** On a busy machine. */
  private static final Duration AT_ONCE = Duration.ofSeconds(15);

  private final List<Duration> times = new ArrayList<>();

  @BeforeEach
  void aCompilerIsNeeded() {
    FakeNccl.library();
  }

  /** Whatever broke the first group, a second one works. */
  @AfterEach
  void theRanksMeetAgain() {
    FakeNccl.fault("");
    List<Float> sums =
        Ranks.run(
            new InMemoryRendezvous(2).ranks(),
            rank -> FakeNccl.join(rank, Ranks.TIMEOUT),
            NcclFailureTest::sumOfOnes);
    assertThat(sums).containsOnly(2f);
  }

  private static float sumOfOnes(ProcessGroup group) {
    return Ranks.sumOfOnes(group, 10);
  }

  private static String sumTwice(ProcessGroup group) {
    sumOfOnes(group);
    sumOfOnes(group);
    return "went on";
  }

  private static ProcessGroup join(Rendezvous rank) {
    return FakeNccl.join(rank, LONG_DEADLINE);
  }

  private static ProcessGroup joinBriefly(Rendezvous rank) {
    return FakeNccl.join(rank, DEADLINE);
  }

  /** Joins with these GPUs, by rank. */
  private static Function<Rendezvous, ProcessGroup> joinOn(int... gpus) {
    return rank ->
        NcclProcessGroup.join(rank, "127.0.0.1", 0, LONG_DEADLINE, FakeNccl.gpu(gpus[rank.rank()]));
  }

  /** How joining a group and working in it ended, by rank; times since the start of the work. */
  private List<Throwable> failures(int worldSize, String fault, RankTask<String> work) {
    return failures(worldSize, fault, NcclFailureTest::join, work);
  }

  private List<Throwable> failures(
      int worldSize, String fault, Function<Rendezvous, ProcessGroup> join, RankTask<String> work) {
    FakeNccl.fault(fault);
    ExecutorService pool = Executors.newFixedThreadPool(worldSize);
    try {
      List<Future<Ended>> futures = new ArrayList<>();
      for (Rendezvous rank : new InMemoryRendezvous(worldSize).ranks()) {
        futures.add(pool.submit(() -> ended(rank, join, work)));
      }
      List<Throwable> failures = new ArrayList<>();
      for (Future<Ended> future : futures) {
        Ended ended = future.get(60, TimeUnit.SECONDS);
        failures.add(ended.failure());
        times.add(ended.after());
      }
      return failures;
    } catch (Exception e) {
      throw new AssertionError("a rank did not end", e);
    } finally {
      pool.shutdownNow();
    }
  }

  private record Ended(Throwable failure, Duration after) {}

  private static Ended ended(
      Rendezvous rank, Function<Rendezvous, ProcessGroup> join, RankTask<String> work) {
    long start = System.nanoTime();
    try (ProcessGroup group = join.apply(rank)) {
      start = System.nanoTime();
      return new Ended(new AssertionError(work.run(group)), Duration.ZERO);
    } catch (Exception e) {
      return new Ended(e, Duration.ofNanos(System.nanoTime() - start));
    }
  }

  /** How a second sum of two ranks ends that hangs, when rank 0 did something before it waits. */
  private List<Throwable> failuresOfAHang(Consumer<ProcessGroup> before) {
    return failures(
        2,
        "hang:2@1",
        group -> {
          sumOfOnes(group);
          if (group.rank() == 0) {
            before.accept(group);
          }
          return "went on " + sumOfOnes(group);
        });
  }

  private static void assertAll(
      List<Throwable> failures, Class<? extends Exception> type, String... parts) {
    assertThat(failures)
        .allSatisfy(
            failure -> assertThat(failure).isInstanceOf(type).hasMessageContainingAll(parts));
  }

  private void assertAtOnce() {
    assertThat(times).allSatisfy(time -> assertThat(time).isLessThan(AT_ONCE));
  }

  @Test
  void aNetworkErrorIsToldToAllRanksAtOnce() {
    List<Throwable> failures = failures(4, "error:2:6@1", NcclFailureTest::sumTwice);
    assertAll(
        failures,
        CollectiveException.class,
        "NCCL: remote process exited or there was a network error (injected at collective 2)");
    assertThat(failures)
        .allSatisfy(
            failure ->
                assertThat(failure)
                    .hasMessageEndingWith("restart all ranks from the last checkpoint"));
    assertThat(failures.get(1)).hasMessageStartingWith("Rank 1 of 4: ");
    for (int rank : new int[] {0, 2, 3}) {
      assertThat(failures.get(rank))
          .hasMessageStartingWith("Rank " + rank + " of 4: ")
          .hasMessageContaining("failed: rank 1: ");
    }
    assertAtOnce();
  }

  @Test
  void aCallThatIsRefusedIsToldToAllRanksAtOnce() {
    List<Throwable> failures = failures(2, "call:2:3@1", NcclFailureTest::sumTwice);
    assertThat(failures.get(1)).hasMessageContaining("all-reduce failed: NCCL: internal error");
    assertThat(failures.get(0))
        .hasMessageContaining("rank 1: all-reduce failed: NCCL: internal error");
    assertAtOnce();
  }

  @Test
  void ranksOutOfStepAreNamed() {
    List<Throwable> failures =
        failures(
            2,
            "",
            group -> {
              try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
                group.allReduceSum(manager.ones(new Shape(10 + group.rank())));
                return "went on";
              }
            });
    assertAll(failures, CollectiveException.class, "NCCL: invalid usage");
    assertAtOnce();
  }

  @Test
  void aGpuThatHangsIsNoticedAtTheDeadline() {
    List<Throwable> failures =
        failures(2, "hang:2@1", NcclFailureTest::joinBriefly, NcclFailureTest::sumTwice);
    assertAll(
        failures,
        CollectiveException.class,
        "the deadline of PT3S passed: all ranks have started it",
        "a GPU or the network between them is stuck");
    assertThat(failures).anySatisfy(failure -> assertThat(isLate(failure)).isTrue());
    assertThat(times).allSatisfy(time -> assertThat(time).isBetween(DEADLINE, AT_ONCE));
  }

  private static boolean isLate(Throwable failure) {
    return failure instanceof CollectiveException collective && collective.isLate();
  }

  @Test
  void aRankThatDoesNotCallIsNamedAtTheDeadline() {
    CountDownLatch failed = new CountDownLatch(2);
    List<Throwable> failures =
        failures(
            3,
            "",
            NcclFailureTest::joinBriefly,
            group -> {
              sumOfOnes(group);
              if (group.rank() == 1) {
                return failed.await(20, TimeUnit.SECONDS) ? "never called" : "not released";
              }
              try {
                return "went on " + sumOfOnes(group);
              } finally {
                failed.countDown();
              }
            });
    assertThat(failures.get(1)).hasMessage("never called");
    for (int rank : new int[] {0, 2}) {
      assertThat(failures.get(rank))
          .hasMessageContaining(
              "the deadline of PT3S passed: rank 1 has started 1 collectives of 2");
    }
  }

  /** As Spark's kill of a task does it. */
  @Test
  void closingFromAnotherThreadEndsAWaitAtOnce() {
    List<Throwable> failures =
        failuresOfAHang(
            group -> {
              Thread watch =
                  new Thread(
                      () -> {
                        try {
                          TimeUnit.MILLISECONDS.sleep(200);
                        } catch (InterruptedException e) {
                          Thread.currentThread().interrupt();
                        }
                        group.close();
                      });
              watch.start();
            });
    assertThat(failures.get(0)).hasMessageContaining("the group was closed");
    assertThat(failures.get(1))
        .hasMessageContaining("rank 0: collectives failed: the group was closed");
    assertAtOnce();
  }

  @Test
  void anInterruptEndsAWaitAtOnce() {
    List<Throwable> failures = failuresOfAHang(group -> Thread.currentThread().interrupt());
    assertThat(failures.get(0))
        .hasMessageContaining("interrupted")
        .hasCauseInstanceOf(InterruptedException.class);
    assertThat(failures.get(1)).hasMessageContaining("interrupted");
    assertAtOnce();
  }

  @Test
  void aPeerThatLeftIsNamedBeforeTheDeadline() {
    List<Throwable> failures =
        failures(
            2,
            "",
            group -> {
              sumOfOnes(group);
              return group.rank() == 1 ? "left" : "went on " + sumOfOnes(group);
            });
    assertThat(failures.get(0)).hasMessageContaining("rank 1 ");
    assertAtOnce();
  }

  /** The device's context is dead: the process has to end, so the cause is told apart. */
  @Test
  void aCudaErrorIsTheCauseOnItsRankAndAFailedPeerOnTheOthers() {
    List<Throwable> failures = failures(2, "cuda:2:719@1", NcclFailureTest::sumTwice);
    assertThat(failures.get(1))
        .isInstanceOf(CollectiveException.class)
        .hasMessageContaining("GPU 1: ")
        .hasMessageContaining("cudaErrorLaunchFailure (unspecified launch failure)")
        .hasCauseInstanceOf(CudaException.class);
    assertThat(failures.get(0))
        .hasMessageContaining("rank 1: collectives failed: GPU 1: ")
        .hasNoCause();
    assertAtOnce();
  }

  @Test
  void anAbortThatHangsDoesNotKeepTheRankFromReporting() {
    List<Throwable> failures = failures(2, "error:2:6@1,abort:hang@1", NcclFailureTest::sumTwice);
    assertThat(failures.get(1))
        .hasMessageContaining("network error")
        .hasCauseInstanceOf(CudaException.class);
    assertThat(failures.get(1).getCause())
        .hasMessage(
            "GPU 1: ncclCommAbort did not return within 5 s; the driver is stuck, and this process has to end");
    assertThat(failures.get(0)).hasNoCause();
    assertAtOnce();
  }

  @Test
  void joiningThatNeverEndsHasADeadline() {
    List<Throwable> failures =
        failures(2, "init:hang@1", NcclFailureTest::joinBriefly, NcclFailureTest::sumTwice);
    assertAll(
        failures, CollectiveException.class, "joining failed: ", "the deadline of PT3S passed");
  }

  @Test
  void joiningThatFailsIsToldToAllRanks() {
    List<Throwable> failures = failures(2, "init:2@1", NcclFailureTest::sumTwice);
    assertThat(failures.get(1))
        .hasMessageContaining("joining failed: NCCL: unhandled system error");
    assertThat(failures.get(0)).hasMessageContaining("rank 1: joining failed: NCCL: unhandled");
  }

  @Test
  void anIdThatCannotBeMadeIsToldToAllRanks() {
    List<Throwable> failures = failures(2, "id:2", NcclFailureTest::sumTwice);
    assertThat(failures.get(0))
        .hasMessageContaining("unhandled system error (Bootstrap : no socket interface found)");
    assertThat(failures.get(1)).isInstanceOf(CollectiveException.class);
  }

  @Test
  void twoRanksOnOneGpuAreRefused() {
    List<Throwable> failures = failures(3, "", joinOn(0, 1, 0), NcclFailureTest::sumTwice);
    assertAll(
        failures,
        InvalidInputException.class,
        "Ranks 0 and 2 were both given the GPU at 0000:01:00.0 of ",
        "let Spark's discovery script name each GPU once");
  }

  @Test
  void aGpuThatIsNotThereIsNamed() {
    List<Throwable> failures = failures(2, "", joinOn(0, 40), NcclFailureTest::sumTwice);
    assertThat(failures.get(1))
        .isInstanceOf(CudaException.class)
        .hasMessage(
            "GPU 40: cudaSetDevice failed: cudaErrorInvalidDevice (cudaErrorInvalidDevice)");
    assertThat(failures.get(0)).isInstanceOf(CollectiveException.class);
  }
}
