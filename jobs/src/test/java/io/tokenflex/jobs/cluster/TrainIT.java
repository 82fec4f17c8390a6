package io.tokenflex.jobs.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tokenflex.jobs.cli.CommandLines;
import io.tokenflex.jobs.scenes.SampleDatasetConfig;
import io.tokenflex.jobs.scenes.SampleDatasetGenerator;
import io.tokenflex.safetensors.SafetensorsFolder;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Training by the shaded jar on a master and two workers, with one executor each. */
class TrainIT {
  private static final Duration DEADLINE = Duration.ofMinutes(5);
  private static final int MAX_STEPS = 40;
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String WEIGHTS = "checkpoints/step-%08d/model.safetensors";

  /** A model of a few thousand parameters: steps take milliseconds. */
  private static final List<String> TINY =
      List.of(
          "model.vision.hiddenSize=16",
          "model.vision.intermediateSize=32",
          "model.vision.numHiddenLayers=1",
          "model.vision.numAttentionHeads=2",
          "model.projector.intermediateSize=48",
          "model.language.hiddenSize=16",
          "model.language.intermediateSize=32",
          "model.language.numHiddenLayers=1",
          "model.language.numAttentionHeads=2",
          "model.language.numKeyValueHeads=1",
          "model.language.headDim=8",
          "tokens.counts=[4,16]",
          "tokens.weights=[1,1]",
          "prepare.maxRejectFraction=0.5",
          "train.maxSteps=" + MAX_STEPS,
          "train.optimizer.warmupSteps=5",
          "train.globalBatchSize=8",
          "train.microBatchSize=2",
          "train.lanes=4",
          "train.checkpointEverySteps=5",
          "cluster.executorMemory=512m",
          "cluster.driverMemory=512m");

  @TempDir static Path folder;
  private static StandaloneCluster cluster;

  @BeforeAll
  static void startClusterAndPrepare() throws IOException, InterruptedException {
    cluster = StandaloneCluster.start(folder, 2, "1g");
    new SampleDatasetGenerator(SampleDatasetConfig.ofSize(80, 8, 1))
        .generate(folder.resolve("data/sample"));
    assertThat(wait(submit("prepare", "data", List.of()))).as(TrainIT::log).isZero();
  }

  @AfterAll
  static void stopCluster() {
    cluster.close();
  }

  @Test
  void aRunThatLosesAnExecutorEndsWithTheParametersOfAnUndisturbedRun()
      throws IOException, InterruptedException {
    assertThat(wait(submit("train", "undisturbed", List.of()))).as(TrainIT::log).isZero();

    Process disturbed = submit("train", "disturbed", List.of());
    Path weights = folder.resolve("disturbed").resolve(String.format(Locale.ROOT, WEIGHTS, 10));
    awaitFile(weights.resolveSibling("manifest.json"), disturbed);
    List<ProcessHandle> executors = cluster.executors();
    assertThat(executors).as("one executor on each worker").hasSize(2);
    assertThat(executors.get(0).destroyForcibly()).as("SIGKILL sent").isTrue();

    assertThat(wait(disturbed)).as(TrainIT::log).isZero();
    assertThat(log())
        .contains("starting again from the newest checkpoint")
        .contains("train: resuming");
    assertThat(
            Files.readAllBytes(
                folder
                    .resolve("disturbed")
                    .resolve(String.format(Locale.ROOT, WEIGHTS, MAX_STEPS))))
        .as("final parameters")
        .isEqualTo(
            Files.readAllBytes(
                folder
                    .resolve("undisturbed")
                    .resolve(String.format(Locale.ROOT, WEIGHTS, MAX_STEPS))));
    List<String> metrics = Files.readAllLines(folder.resolve("disturbed/metrics.jsonl"));
    assertThat(metrics).as("one line per step, none twice").hasSize(MAX_STEPS);
  }

  @Test
  void aNumberOfExecutorsThatDoesNotDivideTheLanesIsStatusTwo()
      throws IOException, InterruptedException {
    assertThat(wait(submit("train", "three", List.of("cluster.executors=3")))).isEqualTo(2);
    assertThat(log()).contains("worldSize 3 does not divide train.lanes 4");
  }

  @Test
  void missingExecutorsAreNamedAtTheDeadline() throws IOException, InterruptedException {
    List<String> settings = List.of("cluster.executors=4", "cluster.executorTimeout=10s");
    assertThat(wait(submit("train", "four", settings))).isEqualTo(4);
    assertThat(log()).contains("Only 2 of 4 executors registered within PT10S");
  }

  @Test
  void aTakenPortIsStatusTwo() throws IOException, InterruptedException {
    // Both ranks are on this machine, so the second finds the first one's port taken.
    List<String> settings = List.of("cluster.collectivePort=" + unusedPort());
    assertThat(wait(submit("train", "port", settings))).isEqualTo(2);
    assertThat(log()).contains("cannot listen on").contains("set cluster.collectivePort = 0");
  }

  @Test
  void aChangedCheckpointIsStatusThreeAndNamesTheFile() throws IOException, InterruptedException {
    String steps = "train.maxSteps=10";
    assertThat(wait(submit("train", "changed", List.of(steps)))).as(TrainIT::log).isZero();
    Path weights = folder.resolve("changed").resolve(String.format(Locale.ROOT, WEIGHTS, 10));
    byte[] bytes = Files.readAllBytes(weights);
    bytes[bytes.length / 2] ^= 1;
    Files.write(weights, bytes);

    assertThat(wait(submit("train", "changed", List.of()))).isEqualTo(3);
    assertThat(log())
        .contains("changed/checkpoints/step-00000010/model.safetensors was changed")
        .contains("to resume from the checkpoint before it");
  }

  @Test
  void aHeapThatASampleDoesNotFitIntoIsStatusFourAndNamesTheSetting()
      throws IOException, InterruptedException {
    Path sample = folder.resolve("album/sample");
    new SampleDatasetGenerator(SampleDatasetConfig.ofSize(80, 8, 1)).generate(sample);
    addAlbum(sample, 100);
    assertThat(
            wait(
                submit(
                    "prepare",
                    "album",
                    List.of(
                        "data.train=" + folder.resolve("album/data/train"),
                        "data.heldout=" + folder.resolve("album/data/heldout")))))
        .as(TrainIT::log)
        .isZero();
    // 100 pictures as numbers are 700 MB. On average a sample has two, so nothing warns before.
    List<String> settings =
        List.of(
            "data.train=" + folder.resolve("album/data/train"),
            "model.vision.imageSize=768",
            "model.vision.patchSize=64",
            "model.language.maxPositionEmbeddings=4096",
            "train.maxSteps=20",
            "train.checkpointEverySteps=100",
            "train.prefetchSteps=1",
            "cluster.trainAttempts=1");
    assertThat(wait(submit("train", "album", settings))).as(TrainIT::log).isEqualTo(4);
    assertThat(log())
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

  @Test
  void theQuickstartGoesThroughAllStagesOnceAndRendersAnewWhenAsked()
      throws IOException, InterruptedException {
    List<String> settings =
        List.of(
            "train.maxSteps=4",
            "train.optimizer.warmupSteps=1",
            "sample.numTrainImages=40",
            "sample.numHeldoutImages=2",
            "evaluate.numVisionTokens=[4,9]",
            "evaluate.maxNewTokens=2");
    assertThat(wait(quickstart(settings))).as(TrainIT::log).isZero();
    assertThat(log()).contains("[4/4] evaluate: done");
    assertThat(folder.resolve("quickstart/report.html"))
        .content()
        .contains("2 ranks on", "<code>./tokenflex quickstart --dir ");

    assertThat(wait(quickstart(settings))).as(TrainIT::log).isZero();
    assertThat(log()).contains("[4/4] evaluate: done before, skipped");
    assertThat(folder.resolve("quickstart/data/train/versions/00002.json")).doesNotExist();

    // The same ids and names, other pictures.
    List<String> rendered = new ArrayList<>(settings);
    rendered.add("sample.printHeightsPx=[10,20]");
    assertThat(wait(quickstart(rendered))).as("a checkpoint of other data").isEqualTo(2);
    assertThat(log()).contains("[2/4] prepare: done").contains("data fingerprint was");
    assertThat(Files.readString(folder.resolve("quickstart/data/train/versions/00002.json")))
        .contains("\"parent\" : 0", "\"rows\" : 40");
  }

  @Test
  void aRunStartsFromAnImportedModelAndItsCheckpointIsExported()
      throws IOException, InterruptedException {
    Path published = Path.of("../core/src/test/resources/golden/whole/tokenflex_siglip_qwen2");
    Path start = folder.resolve("start");
    assertThat(run("import", "--model", published.toString(), "--out", start.toString())).isZero();
    assertThat(wait(fineTune("pretrained", start, List.of("train.freeze=[vision_model]"))))
        .as(TrainIT::log)
        .isZero();
    assertThat(log()).contains("a new run, from file:" + start);

    Path checkpoint = folder.resolve("pretrained/checkpoints/step-00000004");
    Path exported = folder.resolve("exported");
    assertThat(run("export", checkpoint.toString(), "--out", exported.toString())).isZero();
    try (SafetensorsFolder before = SafetensorsFolder.open(published);
        SafetensorsFolder after = SafetensorsFolder.open(exported)) {
      assertThat(after.tensors().keySet()).isEqualTo(before.tensors().keySet());
      for (String name : before.tensors().keySet()) {
        boolean isFrozen = name.startsWith("vision_model.");
        assertThat(Arrays.equals(before.readFloats(name), after.readFloats(name)))
            .as("unchanged: " + name)
            .isEqualTo(isFrozen);
      }
    }
    assertThat(exported.resolve("modeling_tokenflex.py")).isNotEmptyFile();
  }

  @Test
  void aRunWithLoraLeavesAnAdapterThatMergesIntoItsBaseAndThatAnotherRunGoesOnWith()
      throws IOException, InterruptedException {
    Path published = Path.of("../core/src/test/resources/golden/whole/tokenflex_siglip_qwen2");
    Path start = folder.resolve("lora-start");
    assertThat(run("import", "--model", published.toString(), "--out", start.toString())).isZero();
    String lora =
        "train.lora={rank=4, alpha=8, targets=[q_proj, v_proj], modulesToSave=[projector]}";
    assertThat(wait(fineTune("lora", start, List.of(lora)))).as(TrainIT::log).isZero();
    List<String> other = List.of(lora.replace("rank=4", "rank=2"));
    assertThat(wait(fineTune("lora", start, other))).isEqualTo(2);
    assertThat(log()).contains("Cannot resume").contains("train.lora was LoRA of rank 4");
    assertThat(Files.readString(folder.resolve("lora/effective.conf")))
        .as("settings of the command that was not refused")
        .contains("rank=4")
        .doesNotContain("rank=2");

    Path checkpoint = folder.resolve("lora/checkpoints/step-00000004");
    Path adapter = folder.resolve("lora-adapter");
    Path merged = folder.resolve("lora-merged");
    String[] export = {"export", checkpoint.toString(), "--adapter", "--out", adapter.toString()};
    assertThat(run(export)).isZero();
    assertThat(
            run(
                "import",
                "--model",
                published.toString(),
                "--adapter",
                adapter.toString(),
                "--out",
                merged.toString()))
        .isZero();
    try (SafetensorsFolder trained = SafetensorsFolder.open(checkpoint);
        SafetensorsFolder imported = SafetensorsFolder.open(merged)) {
      for (String name : trained.tensors().keySet()) {
        assertThat(imported.readFloats(name))
            .as(name)
            .containsExactly(trained.readFloats(name), within(1e-6f));
      }
    }
    String further = "train.lora={adapter=\"%s\"}".formatted(adapter);
    assertThat(wait(fineTune("lora-further", start, List.of(further)))).as(TrainIT::log).isZero();
    assertThat(folder.resolve("lora-further/checkpoints/step-00000004/adapter")).isDirectory();
  }

  private static Process fineTune(String run, Path start, List<String> settings)
      throws IOException {
    Path conf =
        Files.writeString(
            folder.resolve(run + ".conf"),
            """
            run.dir = "%1$s/%3$s"
            pretrained = "%2$s"
            model.language.maxPositionEmbeddings = 512
            data { train = "%1$s/data/data/train", heldout = "%1$s/data/data/heldout" }
            prepare.train.inputs = [{ path = "not read here" }]
            tokens { counts = [4, 9], weights = [1, 1] }
            train {
              maxSteps = 4, globalBatchSize = 4, microBatchSize = 2, lanes = 4
              optimizer { learningRate = 1e-3, warmupSteps = 1 }
              checkpointEverySteps = 2
            }
            evaluate { numVisionTokens = [4], maxNewTokens = 2, batchSize = 8 }
            cluster { executors = 2, coresPerExecutor = 1, executorMemory = 512m, driverMemory = 512m }
            """
                .formatted(folder, start, run));
    List<String> arguments = new ArrayList<>(List.of("train", "--conf", conf.toString()));
    settings.forEach(setting -> arguments.addAll(List.of("--set", setting)));
    return cluster.submit(List.of("--conf", "spark.ui.enabled=false"), arguments);
  }

  private static int run(String... command) {
    return CommandLines.create().execute(command);
  }

  private static Process quickstart(List<String> settings) throws IOException {
    List<String> arguments = new ArrayList<>(List.of("quickstart"));
    arguments.addAll(List.of("--dir", folder.resolve("quickstart").toString()));
    arguments.add("--from-scratch"); // the start has the shape of the quickstart's own model
    TINY.forEach(setting -> arguments.addAll(List.of("--set", setting)));
    settings.forEach(setting -> arguments.addAll(List.of("--set", setting)));
    return cluster.submit(List.of("--conf", "spark.ui.enabled=false"), arguments);
  }

  private static int unusedPort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  private static void awaitFile(Path file, Process process)
      throws IOException, InterruptedException {
    Instant deadline = Instant.now().plus(DEADLINE);
    while (!Files.exists(file)) {
      assertThat(process.isAlive()).as(() -> "still training:\n" + log()).isTrue();
      assertThat(Instant.now()).as(() -> file + " in time:\n" + log()).isBefore(deadline);
      TimeUnit.MILLISECONDS.sleep(20);
    }
  }

  private static Process submit(String command, String run, List<String> settings)
      throws IOException {
    List<String> all = new ArrayList<>(TINY);
    all.add("run.dir=" + folder.resolve(run));
    for (String split : List.of("train", "heldout")) {
      all.add("data." + split + "=" + folder.resolve("data/data/" + split));
    }
    all.addAll(settings);
    List<String> arguments = new ArrayList<>(List.of(command));
    arguments.addAll(List.of("--conf", Path.of("..", "conf", "quickstart.conf").toString()));
    all.forEach(setting -> arguments.addAll(List.of("--set", setting)));
    return cluster.submit(List.of("--conf", "spark.ui.enabled=false"), arguments);
  }

  private static int wait(Process process) throws InterruptedException {
    assertThat(process.waitFor(DEADLINE.toSeconds(), TimeUnit.SECONDS))
        .as(() -> "ended in time:\n" + log())
        .isTrue();
    return process.exitValue();
  }

  private static String log() {
    try {
      return Files.readString(cluster.submitLog(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      return e.toString();
    }
  }
}
