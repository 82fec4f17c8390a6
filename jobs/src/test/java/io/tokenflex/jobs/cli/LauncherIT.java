package io.tokenflex.jobs.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code ./tokenflex} beside a job jar and a Spark home that are built already; a Spark of one's
 * own, played, notes what it is to submit.
 */
class LauncherIT {
  @TempDir private Path folder;

  private record Ended(int status, String output) {}

  @BeforeEach
  void layOut() throws IOException {
    Files.copy(Path.of("..", "tokenflex"), folder.resolve("tokenflex"));
    Files.createDirectories(folder.resolve("jobs/target"));
    Files.createSymbolicLink(
        folder.resolve("jobs/target/tokenflex-jobs-0-spark.jar"),
        Path.of(System.getProperty("tokenflex.job.jar")));
    Files.createDirectories(folder.resolve("spark-home/target"));
    Files.createSymbolicLink(
        folder.resolve("spark-home/target/spark-home"), Path.of(System.getenv("SPARK_HOME")));
    script("own/bin/spark-submit", "printf '%s\\0' \"$@\" > \"$(dirname \"$0\")/seen\"; exit 7");
  }

  @AfterEach
  void deleteLinks() throws IOException { // before JUnit warns of them
    Files.delete(folder.resolve("jobs/target/tokenflex-jobs-0-spark.jar"));
    Files.delete(folder.resolve("spark-home/target/spark-home"));
  }

  private void script(String name, String line) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, "#!/usr/bin/env bash\n" + line + "\n");
    assertThat(file.toFile().setExecutable(true)).isTrue();
  }

  private Ended launch(Map<String, String> environment, String... words) throws Exception {
    List<String> command = new ArrayList<>(List.of(folder.resolve("tokenflex").toString()));
    command.addAll(List.of(words));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().putAll(environment);
    builder.environment().put("TMPDIR", Files.createDirectories(folder.resolve("tmp")).toString());
    Process process = builder.start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    return new Ended(process.waitFor(), output);
  }

  private List<String> submitted() throws IOException {
    return Arrays.asList(Files.readString(folder.resolve("own/bin/seen")).split("\0", -1));
  }

  @Test
  void everyArgumentReachesSparkAsItWasGiven() throws Exception {
    String prompt = "What is this?\nAnswer in one word: \"a 'b' $c\" \\d *";
    Map<String, String> environment =
        Map.of(
            "TOKENFLEX_SPARK_HOME",
            folder.resolve("own").toString(),
            "JAVA_TOOL_OPTIONS",
            "-XX:StartFlightRecording=filename=" + folder.resolve("flight.jfr")); // prints
    Ended ended =
        launch(
            environment,
            "predict",
            "--model",
            "a model",
            "--input",
            "table.parquet",
            "--out",
            "",
            "--prompt",
            prompt);

    assertThat(ended.status()).as(ended.output()).isEqualTo(7);
    assertThat(ended.output()).contains("Started recording");
    assertThat(submitted())
        .startsWith("--master")
        .containsSequence("--model", "a model", "--input", "table.parquet", "--out", "")
        .containsSequence("--prompt", prompt);
    assertThat(folder.resolve("tmp")).as("what the launcher wrote for itself").isEmptyDirectory();
  }

  @Test
  void whatIsWrongIsSaidBeforeSparkStarts() throws Exception {
    Map<String, String> own = Map.of("TOKENFLEX_SPARK_HOME", folder.resolve("own").toString());
    Ended missing = launch(own, "train", "--conf", folder.resolve("no.conf").toString());
    assertThat(missing.status()).isEqualTo(2);
    assertThat(missing.output()).contains("no.conf");

    Ended unknown = launch(own, "trian");
    assertThat(unknown.status()).isEqualTo(2);
    assertThat(unknown.output()).contains("no command named 'trian'", "Usage: ./tokenflex");

    assertThat(folder.resolve("own/bin/seen")).doesNotExist();
    assertThat(folder.resolve("tmp")).isEmptyDirectory();
  }

  @Test
  void anOldJavaIsNamed() throws Exception {
    script("old/bin/java", "echo 'openjdk version \"11.0.2\" 2019-01-15' >&2");
    Ended ended = launch(Map.of("JAVA_HOME", folder.resolve("old").toString()), "settings");
    assertThat(ended.status()).isEqualTo(2);
    assertThat(ended.output()).contains("needs JDK 17 or newer, found version 11");
  }

  @Test
  void commandsWithoutSparkRunAtOnce() throws Exception {
    Ended settings = launch(Map.of(), "settings");
    assertThat(settings.status()).isZero();
    assertThat(settings.output()).contains("train.microBatchSize");
  }
}
