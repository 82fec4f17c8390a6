package io.tokenflex.jobs.cluster;

import static io.tokenflex.jobs.cluster.TinyTraining.train;
import static io.tokenflex.jobs.cluster.TinyTraining.trainOn;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Training by the shaded jar on a master and two workers that cannot do what is asked for. */
class TrainRefusalIT {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static StandaloneCluster cluster;
  @TempDir private Path folder;

  @BeforeAll
  static void startCluster() throws Exception {
    cluster = StandaloneCluster.ofTwoWorkers();
  }

  @Test
  void aNumberOfExecutorsThatDoesNotDivideTheLanesIsStatusTwo() throws Exception {
    Command train = train(folder.resolve("three"), "cluster.executors=3");
    assertThat(cluster.submit(train).endsWith(2))
        .contains("worldSize 3 does not divide train.lanes 4");
  }

  @Test
  void missingExecutorsAreNamedAtTheDeadline() throws Exception {
    Command train =
        train(folder.resolve("four"), "cluster.executors=4", "cluster.executorTimeout=20s");
    assertThat(cluster.submit(train).endsWith(4))
        .contains("Only 2 of 4 executors registered within PT20S");
  }

  @Test
  void aTakenPortIsStatusTwo() throws Exception {
    // Both ranks are on this machine, so the second finds the first one's port taken.
    Command train = train(folder.resolve("port"), "cluster.collectivePort=" + unusedPort());
    assertThat(cluster.submit(train).endsWith(2))
        .contains("cannot listen on")
        .contains("set cluster.collectivePort = 0");
  }

  @Test
  void aHeapThatASampleDoesNotFitIntoIsStatusFourAndNamesTheSetting() throws Exception {
    Path album = folder.resolve("album");
    addAlbum(TinyTraining.render(album), 400);
    TinyTraining.prepare(album).executeHere();
    // 400 pictures as levels are 700 MB. On average a sample has six, so nothing warns before.
    Command train =
        trainOn(
            album.resolve("data"),
            album,
            "model.vision.imageSize=768",
            "model.vision.patchSize=64",
            "model.language.maxPositionEmbeddings=8192",
            "train.maxSteps=20",
            "train.checkpointEverySteps=100",
            "train.prefetchSteps=1",
            "cluster.trainAttempts=1");
    assertThat(cluster.submit(train).endsWith(4))
        .contains("the last time: rank ")
        .contains("OutOfMemoryError: Java heap space")
        .contains("Raise cluster.executorMemory, now 512m");
  }

  /** Adds a record about many pictures to a rendered dataset. */
  private static void addAlbum(Path sample, int numPictures) throws IOException {
    Path file = sample.resolve("train.json");
    ArrayNode records = (ArrayNode) JSON.readTree(file.toFile());
    String picture = records.get(0).get("image").asText();
    ObjectNode album = records.addObject().put("id", "album");
    ArrayNode pictures = album.putArray("image");
    for (int i = 0; i < numPictures; i++) {
      pictures.add(picture);
    }
    ArrayNode turns = album.putArray("conversations");
    turns
        .addObject()
        .put("from", "human")
        .put("value", "<image>".repeat(numPictures) + "How many pictures?");
    turns.addObject().put("from", "gpt").put("value", "many");
    JSON.writeValue(file.toFile(), records);
  }

  private static int unusedPort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }
}
