package io.tokenflex.jobs.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The doctor on a master and two workers, with one executor each. */
class DoctorIT {
  private static StandaloneCluster cluster;
  @TempDir private Path folder;

  @BeforeAll
  static void startCluster() throws Exception {
    cluster = StandaloneCluster.ofTwoWorkers();
  }

  @Test
  void aClusterThatFitsIsMeasuredAndPasses() throws Exception {
    Path run = folder.resolve("run");
    assertThat(doctor(run).endsWith(0))
        .contains("rank 0: executor ", "rank 1: executor ", "PyTorch 2.7.1 in ")
        .containsPattern("products     fp32 0\\.\\d+, bf16 \\d\\.\\d+ TFLOP/s")
        .containsPattern("TCP ring     a message round it \\d+\\.\\d+ ms, sums \\d+\\.\\d\\d GB/s")
        .containsPattern("local disk \\d\\.\\d\\d, run\\.dir written \\d+\\.\\d\\d, read \\d+")
        .contains("over the TCP ring", "Everything that was looked at fits together.");
    try (Stream<Path> left = Files.exists(run) ? Files.walk(run) : Stream.of()) {
      assertThat(left.filter(Files::isRegularFile)).as("files left behind").isEmpty();
    }
  }

  @Test
  void whatDoesNotFitIsNamedAndIsStatusTwo() throws Exception {
    Path file = Files.writeString(folder.resolve("file"), "no folder");
    assertThat(doctor(file.resolve("run")).endsWith(2))
        .contains("does not fit: ranks 0, 1: run.dir file:" + file.resolve("run") + ": ")
        .contains("The run would not go well");
  }

  private static Submitted doctor(Path run) throws IOException {
    return cluster.submit(Command.onQuickstart("doctor").with("run.dir=" + run));
  }
}
