package io.tokenflex.jobs.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The quickstart, shortened, as processes of its own: it must learn what its start does not know.
 */
class QuickstartIT {
  private static final String CONF = Path.of("..", "conf", "quickstart-short.conf").toString();

  @TempDir private Path folder;

  @Test
  void aKindThatTheStartGuessesIsLearnt() throws Exception {
    StandaloneCluster cluster = StandaloneCluster.ofTwoWorkers();
    Path run = folder.resolve("run");
    Command quickstart = Command.of("quickstart", "--dir", run.toString(), "--conf", CONF);
    cluster.submit(quickstart.with("cluster.executorMemory=512m")).endsWith(0);
    Path before = folder.resolve("before");
    Command evaluate =
        Command.of("evaluate", "--conf", CONF)
            .with(
                "cluster.executorMemory=512m",
                "run.dir=" + before,
                "data.heldout=" + run.resolve("data/heldout"),
                "evaluate.model=" + run.resolve("start"));
    cluster.submit(evaluate).endsWith(0);

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
}
