package io.tokenflex.jobs.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenflex.jobs.scenes.SampleDatasetConfig;
import io.tokenflex.jobs.scenes.SampleDatasetGenerator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The shaded jar under the real spark-submit, on a master and two workers, on machines as unlike
 * ours as can be: digits are Arabic, and workers have no charset, as in slim containers.
 */
class SubmitIT {
  @TempDir static Path folder;
  private static StandaloneCluster cluster;

  @BeforeAll
  static void startCluster() throws IOException, InterruptedException {
    cluster =
        StandaloneCluster.start(
            folder,
            2,
            "1g",
            Map.of("LC_ALL", "POSIX", "JDK_JAVA_OPTIONS", "-Duser.language=ar -Duser.country=EG"));
  }

  @AfterAll
  static void stopCluster() {
    cluster.close();
  }

  @Test
  void prepareRunsOnTwoExecutors() throws IOException, InterruptedException {
    Path run = folder.resolve("run");
    new SampleDatasetGenerator(SampleDatasetConfig.ofSize(80, 8, 1))
        .generate(run.resolve("sample"));

    assertThat(submit("prepare", run, "prepare.maxRejectFraction=0.5")).as(() -> log()).isZero();
    assertThat(run.resolve("data/train/versions/00001.json")).exists();
    assertThat(run.resolve("data/heldout/versions/00001.json")).exists();
    assertThat(Files.readString(run.resolve("effective.conf"))).contains("maxRejectFraction=0.5");
  }

  @Test
  void aPictureWithAnyNameIsFoundByExecutorsWithoutALocale() throws Exception {
    Path input = Files.createDirectories(folder.resolve("letters"));
    Path pictures = Files.createDirectories(input.resolve("images"));
    new SampleDatasetGenerator(SampleDatasetConfig.ofSize(2, 1, 1)).generate(folder.resolve("one"));
    try (Stream<Path> rendered = Files.walk(folder.resolve("one/images"))) {
      Path picture = rendered.filter(Files::isRegularFile).findAny().orElseThrow();
      for (String name : List.of("Zürich.png", "東京.png", "صورة.png")) {
        Files.copy(picture, pictures.resolve(name));
        Files.writeString(
            input.resolve("records.jsonl"),
            "{\"id\":\"%s\",\"image\":\"%s\",\"conversations\":[{\"from\":\"human\",\"value\":\"<image>\\nWhere?\"},{\"from\":\"gpt\",\"value\":\"%s\"}]}\n"
                .formatted(name, name, name),
            StandardOpenOption.CREATE,
            StandardOpenOption.APPEND);
      }
    }
    String inputs =
        "[{path=\"%s\",imageFolder=\"%s\"}]".formatted(input.resolve("records.jsonl"), pictures);
    Path run = folder.resolve("letters-run");

    assertThat(
            submit(
                "prepare",
                run,
                "prepare.train.inputs=" + inputs,
                "prepare.heldout.inputs=" + inputs,
                "prepare.train.dedupAgainst=[]",
                "prepare.maxRejectFraction=0"))
        .as(() -> log())
        .isZero();
    assertThat(Files.readString(run.resolve("data/train/versions/00001.json")))
        .contains("\"rows\" : 3");
  }

  @Test
  void anUnknownKeyIsStatusTwo() throws IOException, InterruptedException {
    assertThat(submit("prepare", folder.resolve("typo"), "prepare.rowsPerRowGrup=3")).isEqualTo(2);
    assertThat(log()).contains("Unknown key prepare.rowsPerRowGrup").contains("did you mean");
  }

  @Test
  void missingRawDataIsStatusThree() throws IOException, InterruptedException {
    assertThat(submit("prepare", folder.resolve("no-data"), "run.seed=2")).isEqualTo(3);
    assertThat(log()).contains("no-data/sample/heldout.json");
  }

  private static int submit(String command, Path run, String... settings)
      throws IOException, InterruptedException {
    List<String> arguments = new ArrayList<>(List.of(command));
    arguments.addAll(List.of("--conf", Path.of("..", "conf", "quickstart.conf").toString()));
    arguments.addAll(List.of("--set", "run.dir=" + run));
    for (String setting : settings) {
      arguments.addAll(List.of("--set", setting));
    }
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
