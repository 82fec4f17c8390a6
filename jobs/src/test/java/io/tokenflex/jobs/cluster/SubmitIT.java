package io.tokenflex.jobs.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenflex.jobs.scenes.SampleDatasetConfig;
import io.tokenflex.jobs.scenes.SampleDatasetGenerator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The shaded jar under the real spark-submit, on a master and two workers, on machines as unlike
 * ours as can be: digits are Arabic, and workers have no charset, as in slim containers.
 */
class SubmitIT {
  private static StandaloneCluster cluster;
  @TempDir private Path folder;

  @BeforeAll
  static void startCluster() throws Exception {
    cluster =
        StandaloneCluster.ofTwoWorkersWith(
            Map.of("LC_ALL", "POSIX", "JDK_JAVA_OPTIONS", "-Duser.language=ar -Duser.country=EG"));
  }

  @Test
  void prepareRunsOnTwoExecutors() throws Exception {
    Path run = folder.resolve("run");
    new SampleDatasetGenerator(SampleDatasetConfig.ofSize(80, 8, 1))
        .generate(run.resolve("sample"));

    prepare(run, "prepare.maxRejectFraction=0.5").endsWith(0);
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

    prepare(
            run,
            "prepare.train.inputs=" + inputs,
            "prepare.heldout.inputs=" + inputs,
            "prepare.train.dedupAgainst=[]",
            "prepare.maxRejectFraction=0")
        .endsWith(0);
    assertThat(Files.readString(run.resolve("data/train/versions/00001.json")))
        .contains("\"rows\" : 3");
  }

  @Test
  void anUnknownKeyIsStatusTwo() throws Exception {
    assertThat(prepare(folder.resolve("typo"), "prepare.rowsPerRowGrup=3").endsWith(2))
        .contains("Unknown key prepare.rowsPerRowGrup")
        .contains("did you mean");
  }

  @Test
  void missingRawDataIsStatusThree() throws Exception {
    assertThat(prepare(folder.resolve("no-data"), "run.seed=2").endsWith(3))
        .contains("no-data/sample/heldout.json");
  }

  private static Submitted prepare(Path run, String... settings) throws IOException {
    return cluster.submit(Command.onQuickstart("prepare").with("run.dir=" + run).with(settings));
  }
}
