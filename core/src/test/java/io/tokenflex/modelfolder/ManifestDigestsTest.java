package io.tokenflex.modelfolder;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tokenflex.digest.Digests;
import io.tokenflex.failure.DamagedDataException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ManifestDigestsTest {
  private static final List<String> MODEL =
      List.of("config.json", "model.safetensors", "chat_template.jinja");
  private static final List<String> ADAPTER =
      List.of("adapter/adapter_config.json", "adapter/adapter_model.safetensors");
  private static final List<String> TRAINING =
      List.of("optimizer-00001-of-00001.safetensors", "train_state.json");

  @TempDir Path folder;

  @BeforeEach
  void writeCheckpoint() throws IOException {
    StringBuilder manifest = new StringBuilder("{\"formatVersion\": 1, \"step\": 3, \"files\": [");
    Files.createDirectories(folder.resolve("adapter"));
    String comma = "";
    for (List<String> names : List.of(MODEL, ADAPTER, TRAINING)) {
      for (String name : names) {
        Files.writeString(folder.resolve(name), "content of " + name);
        String digest = Digests.sha256Hex("content of " + name);
        manifest
            .append(comma)
            .append("{\"name\": \"")
            .append(name)
            .append("\", \"sizeBytes\": 1, ");
        manifest.append("\"sha256\": \"").append(digest).append("\"}");
        comma = ", ";
      }
    }
    Files.writeString(folder.resolve("manifest.json"), manifest.append("]}"));
  }

  @Test
  void aWholeCheckpointPassesAndSoDoesOneWithoutWhatOnlyTrainingReads() throws IOException {
    ManifestDigests.check(folder);
    for (String name : TRAINING) {
      Files.delete(folder.resolve(name));
    }
    ManifestDigests.check(folder);
    ManifestDigests.check(folder.resolve("adapter"));
  }

  @Test
  void aChangedFileOfTheModelIsNamed() throws IOException {
    for (String name : MODEL) {
      byte[] good = Files.readAllBytes(folder.resolve(name));
      Files.writeString(folder.resolve(name), "something else", UTF_8);
      assertThatThrownBy(() -> ManifestDigests.check(folder))
          .isInstanceOf(DamagedDataException.class)
          .hasMessageContaining(folder.resolve(name) + " was changed after it was written")
          .hasMessageEndingWith("Take another checkpoint, or copy the folder again");
      Files.write(folder.resolve(name), good);
    }
  }

  @Test
  void aMissingFileOfTheModelIsNamedForWithoutItTheModelWouldSpeakAnotherFormat()
      throws IOException {
    Files.delete(folder.resolve("chat_template.jinja"));
    assertThatThrownBy(() -> ManifestDigests.check(folder))
        .isInstanceOf(DamagedDataException.class)
        .hasMessageContaining("chat_template.jinja is missing");
  }

  @Test
  void anAdapterIsComparedWithTheManifestOfItsCheckpointAndTheModelBesideItIsNot()
      throws IOException {
    Files.writeString(folder.resolve("model.safetensors"), "damaged");
    ManifestDigests.check(folder.resolve("adapter"));

    Files.writeString(folder.resolve(ADAPTER.get(1)), "damaged");
    assertThatThrownBy(() -> ManifestDigests.check(folder.resolve("adapter")))
        .isInstanceOf(DamagedDataException.class)
        .hasMessageContaining("adapter_model.safetensors was changed");
  }

  @Test
  void aManifestThatCannotBeReadIsRefused() throws IOException {
    for (String manifest : List.of("{\"files\": [", "{\"formatVersion\": 1}", "[]")) {
      Files.writeString(folder.resolve("manifest.json"), manifest);
      assertThatThrownBy(() -> ManifestDigests.check(folder))
          .as(manifest)
          .isInstanceOf(DamagedDataException.class)
          .hasMessageContaining("manifest.json");
    }
  }

  @Test
  void aFolderWithoutManifestOrWithThatOfAnotherProgramPasses() throws IOException {
    Files.delete(folder.resolve("train_state.json"));
    Files.writeString(folder.resolve("manifest.json"), "{\"name\": \"a page\"}");
    assertThatCode(() -> ManifestDigests.check(folder)).doesNotThrowAnyException();
    Files.delete(folder.resolve("manifest.json"));
    assertThatCode(() -> ManifestDigests.check(folder)).doesNotThrowAnyException();
  }
}
