package io.tokenflex.jobs.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;

/** A command that was submitted to a cluster; its driver is a process of its own. */
record Submitted(Process driver, Path logFile) {
  private static final Duration DEADLINE = Duration.ofMinutes(5);

  /** Waits for its end; returns what it has logged. */
  String endsWith(int status) throws InterruptedException {
    assertThat(exitStatus()).as(this::log).isEqualTo(status);
    return log();
  }

  int exitStatus() throws InterruptedException {
    assertThat(driver.waitFor(DEADLINE.toSeconds(), TimeUnit.SECONDS))
        .as(() -> "ended in time:\n" + log())
        .isTrue();
    return driver.exitValue();
  }

  /** Waits for something that happens while the command runs. */
  void awaitWhileRunning(String what, Callable<Boolean> condition) throws Exception {
    await(
        what,
        () -> {
          assertThat(driver.isAlive()).as(() -> "still running:\n" + log()).isTrue();
          return condition.call();
        });
  }

  /** Waits until something is so. */
  static void await(String what, Callable<Boolean> condition) throws Exception {
    Instant deadline = Instant.now().plus(DEADLINE);
    while (!condition.call()) {
      assertThat(Instant.now()).as(what + " in time").isBefore(deadline);
      TimeUnit.MILLISECONDS.sleep(10);
    }
  }

  /** Kills the driver. */
  void kill() throws InterruptedException {
    assertThat(driver.destroyForcibly().waitFor()).as("killed by SIGKILL").isEqualTo(128 + 9);
  }

  /** Sends a signal, such as {@code STOP}, to the driver. */
  void signal(String signal) throws IOException, InterruptedException {
    signal(driver.toHandle(), signal);
  }

  /** Sends a signal, such as {@code STOP}. */
  static void signal(ProcessHandle process, String signal)
      throws IOException, InterruptedException {
    int status =
        new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid()))
            .inheritIO()
            .start()
            .waitFor();
    assertThat(status).as("SIG" + signal + " sent").isZero();
  }

  /** Output and errors so far. */
  String log() {
    try {
      return Files.readString(logFile, StandardCharsets.UTF_8);
    } catch (IOException e) {
      return e.toString();
    }
  }
}
