package io.tokenflex.jobs.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.tokenflex.safetensors.SafetensorsFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Training by the shaded jar from an imported model, and what is exported of it. */
class FineTuneIT {
  private static final Path PUBLISHED =
      Path.of("../core/src/test/resources/golden/whole/tokenflex_siglip_qwen2");

  private static StandaloneCluster cluster;
  @TempDir private Path folder;
  private Path start;

  @BeforeAll
  static void startCluster() throws Exception {
    cluster = StandaloneCluster.ofTwoWorkers();
  }

  @BeforeEach
  void importStart() {
    start = folder.resolve("start");
    importModel(start);
  }

  private static void importModel(Path out, String... more) {
    List<String> words =
        List.of("import", "--model", PUBLISHED.toString(), "--out", out.toString());
    Command.of(Stream.concat(words.stream(), Stream.of(more)).toArray(String[]::new)).executeHere();
  }

  @Test
  void aRunStartsFromAnImportedModelAndItsCheckpointIsExported() throws Exception {
    Command frozen = fineTune("pretrained").with("train.freeze=[vision_model]");
    assertThat(cluster.submit(frozen).endsWith(0)).contains("a new run, from file:" + start);

    Path exported = folder.resolve("exported");
    Command.of("export", checkpoint("pretrained").toString(), "--out", exported.toString())
        .executeHere();
    try (SafetensorsFolder before = SafetensorsFolder.open(PUBLISHED);
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
      throws Exception {
    String lora =
        "train.lora={rank=4, alpha=8, targets=[q_proj, v_proj], modulesToSave=[projector]}";
    cluster.submit(fineTune("lora").with(lora)).endsWith(0);
    Command other = fineTune("lora").with(lora.replace("rank=4", "rank=2"));
    assertThat(cluster.submit(other).endsWith(2))
        .contains("Cannot resume")
        .contains("train.lora was LoRA of rank 4");
    assertThat(Files.readString(folder.resolve("lora/effective.conf")))
        .as("settings of the command that was not refused")
        .contains("rank=4")
        .doesNotContain("rank=2");

    Path checkpoint = checkpoint("lora");
    String adapter = folder.resolve("adapter").toString();
    Path merged = folder.resolve("merged");
    Command.of("export", checkpoint.toString(), "--adapter", "--out", adapter).executeHere();
    importModel(merged, "--adapter", adapter);
    try (SafetensorsFolder trained = SafetensorsFolder.open(checkpoint);
        SafetensorsFolder imported = SafetensorsFolder.open(merged)) {
      for (String name : trained.tensors().keySet()) {
        assertThat(imported.readFloats(name))
            .as(name)
            .containsExactly(trained.readFloats(name), within(1e-6f));
      }
    }
    Command further = fineTune("further").with("train.lora={adapter=\"%s\"}".formatted(adapter));
    cluster.submit(further).endsWith(0);
    assertThat(checkpoint("further").resolve("adapter")).isDirectory();
  }

  /** The last checkpoint of a run. */
  private Path checkpoint(String run) {
    return TinyTraining.checkpoint(folder.resolve(run), 4);
  }

  private Command fineTune(String run) throws IOException {
    Path conf =
        Files.writeString(
            folder.resolve(run + ".conf"),
            """
            run.dir = "%s"
            pretrained = "%s"
            model.language.maxPositionEmbeddings = 512
            data { train = "%3$s/train", heldout = "%3$s/heldout" }
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
                .formatted(folder.resolve(run), start, TinyTraining.data()));
    return Command.of("train", "--conf", conf.toString());
  }
}
