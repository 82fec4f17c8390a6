package io.tokenflex.jobs.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The doctor on a master and two workers, with one executor each. */
class DoctorIT {
  @TempDir static Path folder;
  private static StandaloneCluster cluster;

  @BeforeAll
  static void startCluster() throws IOException, InterruptedException {
    cluster = StandaloneCluster.start(folder, 2, "1g");
  }

  @AfterAll
  static void stopCluster() {
    cluster.close();
  }

  @Test
  void aClusterThatFitsIsMeasuredAndPasses() throws IOException, InterruptedException {
    Path run = folder.resolve("run");
    assertThat(doctor(run)).as(() -> log()).isZero();
    assertThat(log())
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
  void whatDoesNotFitIsNamedAndIsStatusTwo() throws IOException, InterruptedException {
    Path file = Files.writeString(folder.resolve("file"), "no folder");
    assertThat(doctor(file.resolve("run"))).as(() -> log()).isEqualTo(2);
    assertThat(log())
        .contains("does not fit: ranks 0, 1: run.dir file:" + file.resolve("run") + ": ")
        .contains("The run would not go well");
  }

  private static int doctor(Path run) throws IOException, InterruptedException {
    List<String> arguments = new ArrayList<>(List.of("doctor"));
    arguments.addAll(List.of("--conf", Path.of("..", "conf", "quickstart.conf").toString()));
    arguments.addAll(List.of("--set", "run.dir=" + run));
    arguments.addAll(List.of("--set", "cluster.executorMemory=512m"));
    Process process = cluster.submit(List.of("--conf", "spark.ui.enabled=false"), arguments);
    assertThat(process.waitFor(180, TimeUnit.SECONDS)).as("ended in time").isTrue();
    return process.exitValue();
  }

  private static String log() {
    try {
      return Files.readString(cluster.submitLog());
    } catch (IOException e) {
      return e.toString();
    }
  }
}
