package io.tokenflex.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tokenflex.config.InvalidConfigException;
import io.tokenflex.jobs.TokenFlexCli;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.MissingParameterException;

class SubmitArgumentsTest {
  private static final Path JAR = Path.of("/opt/job.jar");
  private static final String GPU = "../conf/siglip-so400m-qwen2.5-3b-8gpu.conf";

  @Test
  void onOneMachineExecutorsReadTheJarWhereItLies() {
    List<String> arguments = SubmitArguments.of(JAR, List.of("quickstart", "--dir", "/tmp/q"));

    assertThat(arguments)
        .startsWith("--master", "local-cluster[2,1,1024]")
        .containsSubsequence("--driver-class-path", "/opt/job.jar")
        .contains("spark.executor.extraClassPath=/opt/job.jar")
        .endsWith("spark-internal", "quickstart", "--dir", "/tmp/q");
  }

  @Test
  void sparkIsGivenTheMainClassThatThereIs() {
    assertThat(SubmitArguments.of(JAR, List.of("quickstart")))
        .containsSubsequence("--class", TokenFlexCli.class.getName());
  }

  @Test
  void inClusterModeTheConfigurationTravelsWithTheJob() {
    List<String> arguments = SubmitArguments.of(JAR, List.of("evaluate", "--conf", GPU));

    assertThat(arguments)
        .startsWith("--master", "yarn", "--deploy-mode", "cluster")
        .contains("spark.executor.resource.gpu.amount=1")
        .containsSubsequence("--files", GPU, "/opt/job.jar")
        .endsWith("evaluate", "--conf", "siglip-so400m-qwen2.5-3b-8gpu.conf");
  }

  /** However the file is written, the driver finds it by its name. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "--conf FILE",
        "--conf=FILE",
        "--conf .././conf//NAME",
        "--conf=../conf/../conf/NAME"
      })
  void theDriverGetsTheConfigurationByItsNameHoweverItIsWritten(String written) {
    String name = "siglip-so400m-qwen2.5-3b-8gpu.conf";
    List<String> command = new ArrayList<>(List.of("evaluate"));
    for (String word : written.split(" ", -1)) {
      command.add(word.replace("FILE", GPU).replace("NAME", name));
    }
    command.addAll(List.of("--set", "run.seed=2"));
    List<String> arguments = SubmitArguments.of(JAR, command);
    List<String> submitted =
        arguments.subList(arguments.indexOf("/opt/job.jar") + 1, arguments.size());
    assertThat(String.join(" ", submitted).replace("--conf=", "--conf "))
        .isEqualTo("evaluate --conf " + name + " --set run.seed=2");
  }

  @Test
  void aStandaloneMasterTakesNoDriver() {
    List<String> command =
        List.of("evaluate", "--conf", GPU, "--set", "cluster.master=spark://host:7077");
    assertThatThrownBy(() -> SubmitArguments.of(JAR, command))
        .isInstanceOf(InvalidConfigException.class)
        .hasMessageContaining("deployMode is cluster and master is spark://host:7077")
        .hasMessageContaining("Set deployMode = client");
  }

  @Test
  void inClientModeTheJarIsSubmitted() {
    assertThat(
            SubmitArguments.of(
                JAR, List.of("evaluate", "--conf", GPU, "--set", "cluster.deployMode=client")))
        .containsSubsequence("/opt/job.jar", "evaluate", "--conf", GPU)
        .doesNotContain("--files");
  }

  @Test
  void aReportNeedsNoExecutors() {
    assertThat(SubmitArguments.of(JAR, List.of("report", "--conf", GPU)))
        .startsWith("--master", "local[1]", "--deploy-mode", "client");
  }

  @Test
  void aWrongSettingFailsBeforeAnythingIsSubmitted() {
    assertThatThrownBy(
            () -> SubmitArguments.of(JAR, List.of("quickstart", "--set", "cluster.executor=3")))
        .isInstanceOf(InvalidConfigException.class)
        .hasMessageContaining("did you mean executors?");
  }

  @Test
  void aMissingConfIsAUsageError() {
    assertThatThrownBy(() -> SubmitArguments.of(JAR, List.of("evaluate")))
        .isInstanceOf(MissingParameterException.class);
  }
}
