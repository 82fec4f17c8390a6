package io.tokenflex.jobs.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The quickstart, shortened, as processes of its own: it must learn what its start does not know.
 */
class QuickstartIT {
  private static final String CONF = Path.of("..", "conf", "quickstart-short.conf").toString();

  @TempDir private static Path folder;
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
  void aKindThatTheStartGuessesIsLearnt() throws IOException, InterruptedException {
    Path run = folder.resolve("run");
    submit("quickstart", "--dir", run.toString(), "--conf", CONF);
    Path before = folder.resolve("before");
    submit(
        "evaluate",
        "--conf",
        CONF,
        "--set",
        "run.dir=" + before,
        "--set",
        "data.heldout=" + run.resolve("data/heldout"),
        "--set",
        "evaluate.model=" + run.resolve("start"));

    JsonNode guessed = colour(before);
    JsonNode learnt = colour(run);
    double chance = learnt.get("chance").doubleValue();
    assertThat(chance).isLessThan(0.4);
    for (int count = 0; count < 2; count++) {
      assertThat(accuracy(guessed, count)).as("before: %s", guessed).isLessThan(chance + 0.1);
      assertThat(accuracy(learnt, count)).as("after: %s", learnt).isGreaterThanOrEqualTo(0.9);
    }
    assertThat(run.resolve("report.html")).content().contains("colour");
  }

  private static double accuracy(JsonNode kind, int count) {
    return kind.get("accuracy").get(count).doubleValue();
  }

  private static JsonNode colour(Path run) throws IOException {
    JsonNode summary = new ObjectMapper().readTree(run.resolve("evaluation/summary.json").toFile());
    for (JsonNode kind : summary.get("kinds")) {
      if (kind.get("kind").textValue().equals("colour")) {
        return kind;
      }
    }
    throw new AssertionError("no kind colour in " + summary);
  }

  private static void submit(String... command) throws IOException, InterruptedException {
    List<String> arguments = new ArrayList<>(List.of(command));
    arguments.addAll(List.of("--set", "cluster.executorMemory=512m"));
    Process process = cluster.submit(List.of("--conf", "spark.ui.enabled=false"), arguments);
    assertThat(process.waitFor(300, TimeUnit.SECONDS)).as("%s ended in time", command[0]).isTrue();
    assertThat(process.exitValue()).as(() -> log()).isZero();
  }

  private static String log() {
    try {
      return Files.readString(cluster.submitLog());
    } catch (IOException e) {
      return e.toString();
    }
  }
}
