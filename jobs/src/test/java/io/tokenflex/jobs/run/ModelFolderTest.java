package io.tokenflex.jobs.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tokenflex.config.InvalidConfigException;
import io.tokenflex.failure.DamagedDataException;
import io.tokenflex.jobs.config.RunConfig;
import io.tokenflex.jobs.testing.OtherDisk;
import io.tokenflex.modelfolder.ManifestDigests;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelFolderTest {
  private static final String WRONG_DIGEST =
      "{\"files\": [{\"name\": \"model.safetensors\", \"sha256\": \"00\"},"
          + " {\"name\": \"adapter/adapter_config.json\", \"sha256\": \"00\"}]}";

  @TempDir Path disk;
  private Path checkpoint;
  private Configuration hadoop;

  @BeforeEach
  void writeCheckpoint() throws IOException {
    hadoop = new Configuration();
    hadoop.set(OtherDisk.SETTING, OtherDisk.class.getName());
    hadoop.set(OtherDisk.UNCACHED, "true");
    checkpoint = Files.createDirectory(disk.resolve("step-00000003"));
    Files.createDirectory(checkpoint.resolve("adapter"));
    for (String name :
        List.of(
            "config.json",
            "model.safetensors",
            "optimizer-00001-of-00002.safetensors",
            "optimizer-00002-of-00002.safetensors",
            "train_state.json",
            "adapter/adapter_config.json")) {
      Files.writeString(checkpoint.resolve(name), name);
    }
    Files.writeString(checkpoint.resolve("manifest.json"), WRONG_DIGEST);
  }

  @Test
  void ofACheckpointElsewhereTheModelIsCopiedAndTheOptimizerStateIsNot() throws IOException {
    List<Path> copies = new ArrayList<>();
    List<String> names =
        ModelFolder.of("otherdisk://" + checkpoint, hadoop)
            .readLocally(
                local -> {
                  copies.add(local);
                  assertThatThrownBy(() -> ManifestDigests.check(local))
                      .isInstanceOf(DamagedDataException.class);
                  return namesIn(local);
                });

    assertThat(names).containsExactly("config.json", "manifest.json", "model.safetensors");
    assertThat(copies.get(0)).doesNotExist();
    assertThat(copies.get(0).getParent()).doesNotExist();
  }

  @Test
  void aCheckpointIsFoundByItsStepWhereItHasTheLongerName() throws IOException {
    Path longer = disk.resolve("step-00000003-0123456789abcdef");
    Path plain = checkpoint;
    Files.move(plain, longer);
    for (String below : List.of("", "/adapter")) {
      assertThat(ModelFolder.of("otherdisk://" + plain + below, hadoop).toString())
          .isEqualTo("otherdisk:" + longer + below);
    }
    Files.createDirectory(plain); // of an attempt that broke
    Path read = ModelFolder.of(plain.toString(), hadoop).readLocally(folder -> folder);
    assertThat(read).isEqualTo(longer);
    Path other = disk.resolve("step-00000004");
    assertThat(ModelFolder.of(other.toString(), hadoop).toString()).endsWith(other.toString());
  }

  @Test
  void theManifestComesAlongWithAnAdapter() throws IOException {
    ModelFolder.of("otherdisk://" + checkpoint.resolve("adapter"), hadoop)
        .readLocally(
            local -> {
              assertThat(namesIn(local)).containsExactly("adapter_config.json");
              assertThatThrownBy(() -> ManifestDigests.check(local))
                  .isInstanceOf(DamagedDataException.class)
                  .hasMessageContaining("adapter_config.json");
              return local;
            });
  }

  @Test
  void aPretrainedFolderIsReadWithTheHadoopSettingsOfTheRun() throws IOException {
    String run = "run.dir = " + disk + "/run\npretrained = \"otherdisk://" + checkpoint + "\"\n";
    String uncached = "cluster.spark { \"spark.hadoop." + OtherDisk.UNCACHED + "\" = true }\n";
    String scheme =
        "cluster.spark { \"spark.hadoop."
            + OtherDisk.SETTING
            + "\" = "
            + OtherDisk.class.getName()
            + " }\n";
    Path without = Files.writeString(disk.resolve("without.conf"), run + uncached);
    Path with = Files.writeString(disk.resolve("with.conf"), run + uncached + scheme);

    assertThatThrownBy(() -> RunConfig.load(without, List.of()))
        .hasMessageContaining("No FileSystem for scheme \"otherdisk\"");
    assertThatThrownBy(() -> RunConfig.load(with, List.of()))
        .isInstanceOf(InvalidConfigException.class)
        .hasMessageContaining("otherdisk:")
        .hasMessageContaining("Unrecognized token 'config'"); // it was read; its content is made up
  }

  private static List<String> namesIn(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }
}
