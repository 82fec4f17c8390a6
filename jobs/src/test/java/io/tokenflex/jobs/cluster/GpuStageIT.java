package io.tokenflex.jobs.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenflex.jobs.train.GpuStages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** GPUs per stage on executors whose GPUs a discovery script invents. */
class GpuStageIT {
  @TempDir Path folder;

  @Test
  void onlyTrainingAndEvaluationTakeTheGpus() throws IOException, InterruptedException {
    Path script = folder.resolve("gpus.sh");
    Files.writeString(
        script, "#!/bin/sh\necho '{\"name\": \"gpu\", \"addresses\": [\"GPU-8f6d3b70\"]}'\n");
    assertThat(script.toFile().setExecutable(true)).isTrue();
    Path log = folder.resolve("log");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Xmx512m");
    command.add("@" + Path.of(System.getenv("SPARK_HOME"), "conf/java-options.txt"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(GpuStages.class.getName(), script.toString()));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("SPARK_LOCAL_IP", "127.0.0.1");
    Process application = builder.redirectErrorStream(true).redirectOutput(log.toFile()).start();
    try {
      assertThat(application.waitFor(5, TimeUnit.MINUTES)).as("ended in time").isTrue();
    } finally {
      application.descendants().forEach(ProcessHandle::destroyForcibly);
      application.destroyForcibly();
    }
    String gpu = "GPU-8f6d3b70";
    assertThat(Files.readString(log))
        .contains("plain [none, none, none, none] 4")
        .contains("each [%1$s, %1$s, %1$s, %1$s]".replace("%1$s", gpu))
        .contains("barrier [%1$s, %1$s]".replace("%1$s", gpu));
  }
}
