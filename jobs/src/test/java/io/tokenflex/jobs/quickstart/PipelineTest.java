package io.tokenflex.jobs.quickstart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tokenflex.jobs.run.RunFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PipelineTest {
  @TempDir Path folder;
  private RunFolder runFolder;
  private final List<String> ran = new ArrayList<>();

  @BeforeEach
  void openFolder() throws IOException {
    runFolder = RunFolder.of(folder.toString(), new Configuration());
  }

  @Test
  void aSecondRunSkipsEverythingThatIsDone() throws Exception {
    pipeline("1", "1").run();
    pipeline("1", "1").run();

    assertThat(ran).containsExactly("first", "second");
  }

  @Test
  void aChangedInputRunsItsStageAndAllThatFollow() throws Exception {
    pipeline("1", "1").run();
    pipeline("2", "1").run();
    pipeline("2", "2").run();

    assertThat(ran).containsExactly("first", "second", "first", "second", "second");
  }

  @Test
  void aLostOutputRunsItsStageAgain() throws Exception {
    pipeline("1", "1").run();
    Files.delete(folder.resolve("second.out"));
    pipeline("1", "1").run();

    assertThat(ran).containsExactly("first", "second", "second");
  }

  @Test
  void aStageThatBrokeOffRunsAgainAndTheEarlierOnesDoNot() throws Exception {
    Stage failing =
        new Stage(
            "second",
            "1",
            List.of(),
            () -> {
              throw new IllegalStateException("executor lost");
            });
    Pipeline broken = new Pipeline(runFolder, List.of(stage("first", "1"), failing));
    assertThatThrownBy(broken::run).hasMessage("executor lost");
    pipeline("1", "1").run();

    assertThat(ran).containsExactly("first", "second");
  }

  @Test
  void aStageThatWritesNothingIsAnError() {
    Stage idle = new Stage("idle", "1", List.of("result"), () -> {});

    assertThatThrownBy(() -> new Pipeline(runFolder, List.of(idle)).run())
        .isInstanceOf(IOException.class)
        .hasMessageContaining("Stage idle finished without writing")
        .hasMessageEndingWith("result");
  }

  @Test
  void timesAreInWords() {
    assertThat(Pipeline.inWords(Duration.ofMillis(3600))).isEqualTo("4 s");
    assertThat(Pipeline.inWords(Duration.ofSeconds(65))).isEqualTo("1 min 05 s");
    assertThat(Pipeline.inWords(Duration.ofMinutes(130))).isEqualTo("2 h 10 min");
  }

  private Pipeline pipeline(String firstInputs, String secondInputs) {
    return new Pipeline(
        runFolder, List.of(stage("first", firstInputs), stage("second", secondInputs)));
  }

  private Stage stage(String name, String inputs) {
    String output = name + ".out";
    return new Stage(
        name,
        inputs,
        List.of(output),
        () -> {
          ran.add(name);
          runFolder.writeText(output, inputs);
        });
  }
}
