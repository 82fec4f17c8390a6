package io.tokenflex.nccl;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.tokenflex.distributed.CollectiveException;
import io.tokenflex.distributed.FileRendezvous;
import io.tokenflex.distributed.ProcessGroup;
import io.tokenflex.testing.FakeNccl;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The last of three ranks is a process of its own, which can die and be stopped. */
class NcclProcessesTest {
  private static final int RANKS = 3;

  @TempDir private Path folder;
  private Process process;

  @BeforeEach
  void nothingGoesWrongHere() {
    FakeNccl.fault("");
  }

  @AfterEach
  void theProcessEnds() {
    if (process != null) {
      process.destroyForcibly();
    }
  }

  private void startLastRank(String fault, int sums) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx256m",
            "-XX:TieredStopAtLevel=1",
            "-Dai.djl.pytorch.num_threads=1",
            "-cp",
            System.getProperty("java.class.path"),
            NcclRankProcess.class.getName(),
            FakeNccl.library().toString(),
            folder.toString(),
            Integer.toString(RANKS - 1),
            Integer.toString(RANKS),
            Integer.toString(sums));
    builder.environment().put("FAKE_NCCL_FAULT", fault);
    process =
        builder.redirectErrorStream(true).redirectOutput(folder.resolve("output").toFile()).start();
  }

  private interface Work {
    String with(ProcessGroup group, NDManager manager) throws Exception;
  }

  /** What the two ranks of this process come to. */
  private List<String> here(Duration timeout, Work work) throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(RANKS - 1);
    try {
      Future<String> zero = pool.submit(() -> rank(0, timeout, work));
      Future<String> one = pool.submit(() -> rank(1, timeout, work));
      return List.of(zero.get(60, TimeUnit.SECONDS), one.get(60, TimeUnit.SECONDS));
    } finally {
      pool.shutdownNow();
    }
  }

  private String rank(int rank, Duration timeout, Work work) throws Exception {
    FileRendezvous rendezvous = new FileRendezvous(folder, rank, RANKS, Duration.ofSeconds(30));
    try (NDManager manager = NDManager.newBaseManager("PyTorch");
        ProcessGroup group = FakeNccl.join(rendezvous, timeout)) {
      return work.with(group, manager);
    } catch (CollectiveException e) {
      return e.getMessage();
    }
  }

  private static float sumOfOnes(ProcessGroup group, NDManager manager) {
    NDArray values = manager.ones(new Shape(100_003));
    group.allReduceSum(values);
    return values.toFloatArray()[100_002];
  }

  @Test
  void ranksInTwoProcessesSum() throws Exception {
    startLastRank("", 3);
    List<String> sums =
        here(
            Duration.ofSeconds(20),
            (group, manager) -> {
              sumOfOnes(group, manager);
              sumOfOnes(group, manager);
              return String.valueOf(sumOfOnes(group, manager));
            });
    assertThat(sums).containsOnly("3.0");
    assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
    assertThat(Files.readString(folder.resolve("output"))).contains("last 3");
  }

  /** NCCL inside a node does not notice it; the peers do. */
  @Test
  void aProcessThatDiesIsNamedByAllRanksAtOnce() throws Exception {
    startLastRank("die:2", 3);
    List<String> failures =
        here(
            Duration.ofSeconds(40),
            (group, manager) -> {
              sumOfOnes(group, manager);
              long start = System.nanoTime();
              try {
                return "went on " + sumOfOnes(group, manager);
              } catch (CollectiveException e) {
                Duration time = Duration.ofNanos(System.nanoTime() - start);
                assertThat(time).isLessThan(Duration.ofSeconds(15));
                throw e;
              }
            });
    assertThat(failures)
        .allSatisfy(message -> assertThat(message).contains("rank 2 ended without a word"));
    assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isEqualTo(137);
  }

  @Test
  void aProcessThatIsStoppedIsNamedAtTheDeadline() throws Exception {
    startLastRank("", 1_000_000);
    List<String> failures =
        here(
            Duration.ofSeconds(3),
            (group, manager) -> {
              sumOfOnes(group, manager);
              if (group.rank() == 0) {
                new ProcessBuilder("kill", "-STOP", Long.toString(process.pid()))
                    .start()
                    .waitFor(10, TimeUnit.SECONDS);
              }
              while (true) {
                sumOfOnes(group, manager);
              }
            });
    assertThat(failures)
        .allSatisfy(
            message ->
                assertThat(message)
                    .contains("the deadline of PT3S passed: rank 2 does not answer"));
  }
}
