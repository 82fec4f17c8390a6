package io.tokenflex.nccl;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenflex.distributed.CollectiveException;
import io.tokenflex.distributed.FileRendezvous;
import io.tokenflex.distributed.ProcessGroup;
import io.tokenflex.distributed.Rendezvous;
import io.tokenflex.testing.FakeNccl;
import io.tokenflex.testing.Ranks;
import io.tokenflex.testing.Ranks.RankTask;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Ranks in processes of their own, which can die and be stopped. */
class NcclProcessesTest {
  private static final int RANKS = 3;

  @TempDir private Path folder;
  private Process process;
  private final List<Process> others = new ArrayList<>();

  @BeforeEach
  void nothingGoesWrongHere() {
    FakeNccl.fault("");
  }

  @AfterEach
  void theProcessEnds() {
    if (process != null) {
      process.destroyForcibly();
    }
    others.forEach(Process::destroyForcibly);
  }

  /** The last of three ranks; the other two are in this process. */
  private void startLastRank(String fault, int sums) throws IOException {
    process = startRank(folder, RANKS - 1, RANKS, sums, RANKS - 1, "FAKE_NCCL_FAULT", fault);
  }

  private static Process startRank(
      Path meet, int rank, int ranks, int sums, int gpu, String variable, String value)
      throws IOException {
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
            meet.toString(),
            Integer.toString(rank),
            Integer.toString(ranks),
            Integer.toString(sums),
            Integer.toString(gpu));
    builder.environment().put(variable, value);
    return builder
        .redirectErrorStream(true)
        .redirectOutput(meet.resolve("output-" + rank).toFile())
        .start();
  }

  private static String outputOf(Path meet, int rank) throws IOException {
    return Files.readString(meet.resolve("output-" + rank));
  }

  /** What the two ranks of this process come to. */
  private List<String> here(Duration timeout, RankTask<Object> work) {
    List<Rendezvous> ranks =
        IntStream.range(0, RANKS - 1)
            .<Rendezvous>mapToObj(
                rank -> new FileRendezvous(folder, rank, RANKS, Duration.ofSeconds(30)))
            .toList();
    return Ranks.run(
        ranks,
        rank -> FakeNccl.join(rank, timeout),
        group -> {
          try {
            return String.valueOf(work.run(group));
          } catch (CollectiveException e) {
            return e.getMessage();
          }
        });
  }

  private static float sumOfOnes(ProcessGroup group) {
    return Ranks.sumOfOnes(group, 100_003);
  }

  @Test
  void ranksInTwoProcessesSum() throws Exception {
    startLastRank("", 3);
    List<String> sums =
        here(
            Duration.ofSeconds(20),
            group -> {
              sumOfOnes(group);
              sumOfOnes(group);
              return sumOfOnes(group);
            });
    assertThat(sums).containsOnly("3.0");
    assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
    assertThat(outputOf(folder, RANKS - 1)).contains("last 3");
  }

  @Test
  void ranksShareAGpuIfNcclIsToldThatTheyMay() throws Exception {
    for (String enabled : List.of("1", "0")) {
      Path meet = Files.createDirectory(folder.resolve("enabled-" + enabled));
      List<Process> ranks = new ArrayList<>();
      for (int rank = 0; rank < 2; rank++) {
        ranks.add(startRank(meet, rank, 2, 2, 0, "NCCL_MULTI_RANK_GPU_ENABLE", enabled));
      }
      others.addAll(ranks);
      for (int rank = 0; rank < 2; rank++) {
        assertThat(ranks.get(rank).waitFor(30, TimeUnit.SECONDS)).as("ended").isTrue();
        assertThat(outputOf(meet, rank))
            .contains(enabled.equals("1") ? "last 2" : "Ranks 0 and 1 were both given the GPU");
      }
    }
  }

  /** NCCL inside a node does not notice it; the peers do. */
  @Test
  void aProcessThatDiesIsNamedByAllRanksAtOnce() throws Exception {
    startLastRank("die:2", 3);
    List<String> failures =
        here(
            Duration.ofSeconds(40),
            group -> {
              sumOfOnes(group);
              long start = System.nanoTime();
              try {
                return "went on " + sumOfOnes(group);
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
            Duration.ofSeconds(6),
            group -> {
              sumOfOnes(group);
              if (group.rank() == 0) {
                new ProcessBuilder("kill", "-STOP", Long.toString(process.pid()))
                    .start()
                    .waitFor(10, TimeUnit.SECONDS);
              }
              while (true) {
                sumOfOnes(group);
              }
            });
    assertThat(failures)
        .allSatisfy(
            message ->
                assertThat(message)
                    .contains("the deadline of PT6S passed: rank 2 does not answer"));
  }
}
