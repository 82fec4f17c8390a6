package io.tokenflex.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tokenflex.config.InvalidConfigException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DatasetCommandTest {
  private static final Path JAR = Path.of("/opt/job.jar");

  private static Object parsed(String... arguments) {
    return CommandLines.create().parseArgs(arguments).subcommand().commandSpec().userObject();
  }

  @Test
  void withoutSettingsAllCoresOfThisMachineWork() {
    assertThat(SubmitArguments.of(JAR, List.of("verify", "data/train")))
        .startsWith("--master", "local[*]", "--deploy-mode", "client")
        .endsWith("verify", "data/train");
  }

  @Test
  void theClusterCanBeChosen() {
    assertThat(
            SubmitArguments.of(
                JAR,
                List.of("inspect", "hdfs:///data", "--set", "cluster.master=spark://host:7077")))
        .startsWith("--master", "spark://host:7077")
        .containsSubsequence("/opt/job.jar", "inspect", "hdfs:///data");
  }

  @Test
  void expiringNeedsNoExecutors() {
    assertThat(SubmitArguments.of(JAR, List.of("expire", "data", "--keep", "2")))
        .startsWith("--master", "local[1]");
  }

  @Test
  void settingsOfARunAreNoSettingsOfADataset() {
    assertThatThrownBy(
            () -> SubmitArguments.of(JAR, List.of("verify", "data", "--set", "train.maxSteps=1")))
        .isInstanceOf(InvalidConfigException.class)
        .hasMessageContaining("Unknown key train");
  }

  @Test
  void theVersionIsTheDatasets() {
    assertThat(((VerifyCommand) parsed("verify", "data", "--version", "3")).version)
        .isEqualTo(Optional.of(3));
    assertThat(((InspectCommand) parsed("inspect", "data")).version).isEmpty();
  }

  @Test
  void durationsAreReadAsInConfigurationFiles() {
    assertThat(((ExpireCommand) parsed("expire", "d", "--keep", "1")).olderThan)
        .isEqualTo(Duration.ofHours(24));
    assertThat(
            ((ExpireCommand) parsed("expire", "d", "--keep", "1", "--older-than", "7d")).olderThan)
        .isEqualTo(Duration.ofDays(7));
    assertThat(
            CommandLines.create().execute("expire", "d", "--keep", "1", "--older-than", "a while"))
        .isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"inspect", "verify", "expire"})
  void everyCommandExplainsItself(String command) {
    assertThat(CommandLines.create().execute(command, "--help")).isZero();
    assertThat(CommandLines.create().execute(command)).isEqualTo(2);
  }
}
