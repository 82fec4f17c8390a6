package io.tokenflex.jobs.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import io.tokenflex.jobs.train.GpuStages;
import io.tokenflex.jobs.train.NcclStages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Applications on two executors whose GPUs a discovery script invents. */
class GpuStageIT {
  private static final String GPU = "GPU-8f6d3b70";
  private static final Path FAKE_NCCL = Path.of("../core/src/test/resources/nccl/fake_nccl.c");

  @TempDir private Path folder;
  private Path script;

  @BeforeEach
  void writeDiscoveryScript() throws IOException {
    script = folder.resolve("gpus.sh");
    String found = "{\"name\": \"gpu\", \"addresses\": [\"" + GPU + "\"]}";
    Files.writeString(script, "#!/bin/sh\necho '" + found + "'\n");
    assertThat(script.toFile().setExecutable(true)).isTrue();
  }

  @Test
  void onlyTrainingAndEvaluationTakeTheGpus() throws Exception {
    assertThat(run(GpuStages.class, List.of(script.toString())))
        .contains("plain [none, none, none, none] 4")
        .contains("each " + Collections.nCopies(4, GPU))
        .contains("barrier " + Collections.nCopies(2, GPU));
  }

  /** The library plays NCCL and CUDA's runtime in host memory, between processes too. */
  @Test
  void ranksInExecutorsOfTheirOwnTrainOverNcclAsOverTheRing() throws Exception {
    Command train = TinyTraining.train(folder.resolve("run"), "train.maxSteps=6");
    List<String> arguments = new ArrayList<>(List.of(script.toString(), fakeNccl().toString()));
    arguments.addAll(train.settings());
    assertThat(run(NcclStages.class, arguments))
        .contains("GPUs " + Collections.nCopies(2, GPU) + " in 2 processes")
        .contains("over NCCL 6 losses, as over TCP: true")
        .contains("weights as over TCP: true");
  }

  private Path fakeNccl() throws IOException, InterruptedException {
    Path library = folder.resolve("libfakenccl.so");
    List<String> cc = List.of("cc", "-std=c11", "-O2", "-shared", "-fPIC", "-pthread", "-o");
    List<String> command = new ArrayList<>(cc);
    command.addAll(List.of(library.toString(), FAKE_NCCL.toString()));
    try {
      Process compiler = new ProcessBuilder(command).inheritIO().start();
      assertThat(compiler.waitFor(2, TimeUnit.MINUTES)).as("compiled in time").isTrue();
      assertThat(compiler.exitValue()).as("%s", command).isZero();
    } catch (IOException e) {
      abort("skipped: the fake NCCL is compiled by cc, which is not installed: " + e.getMessage());
    }
    return library;
  }

  /** Runs an application to its end; returns what it printed. */
  private String run(Class<?> application, List<String> arguments)
      throws IOException, InterruptedException {
    Path log = folder.resolve("log");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Xmx512m");
    command.add("@" + Path.of(System.getenv("SPARK_HOME"), "conf/java-options.txt"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), application.getName()));
    command.addAll(arguments);
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("SPARK_LOCAL_IP", "127.0.0.1");
    Process process = builder.redirectErrorStream(true).redirectOutput(log.toFile()).start();
    try {
      assertThat(process.waitFor(5, TimeUnit.MINUTES)).as("ended in time").isTrue();
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
    return Files.readString(log);
  }
}
