package io.tokenflex.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tokenflex.checkpoint.Checkpoints.Published;
import io.tokenflex.modelfolder.ModelFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class CheckpointsTest extends CheckpointsFixture {
  @Test
  void whatWasSavedIsRestored() throws IOException {
    Checkpoints checkpoints = keeping(2);
    assertThat(checkpoints.latest()).isEmpty();
    save(checkpoints, 5);
    assertRestores(checkpoints, 5);
    assertThat(folders()).containsExactly("step-00000005");
  }

  @Test
  void theNewestOnesAreKept() throws IOException {
    Checkpoints checkpoints = keeping(3);
    for (long step = 1; step <= 5; step++) {
      save(checkpoints, step);
    }
    assertThat(folders()).containsExactly("step-00000003", "step-00000004", "step-00000005");
    assertRestores(checkpoints, 5);
  }

  @Test
  void oneChangedByteInAnyFileIsNoticedAndTheFileNamed() throws IOException {
    Checkpoints checkpoints = keeping(1);
    save(checkpoints, 3);
    Path published = folder.resolve("step-00000003");
    List<Path> files;
    try (Stream<Path> entries = Files.list(published)) {
      files = entries.sorted().toList();
    }
    assertThat(files).hasSize(6);
    for (Path file : files) {
      byte[] content = Files.readAllBytes(file);
      byte[] changed = content.clone();
      int middle = file.endsWith(CheckpointManifest.FILE_NAME) ? 0 : content.length / 2;
      changed[middle] ^= 1;
      Files.write(file, changed);
      assertThatThrownBy(() -> readAll(checkpoints))
          .as("%s, byte %d", file.getFileName(), middle)
          .isInstanceOf(CorruptCheckpointException.class)
          .hasMessageContaining(file.toString())
          .hasMessageContaining("elete or move the folder");
      Files.write(file, content);
      assertThatCode(() -> readAll(checkpoints)).doesNotThrowAnyException();
    }
  }

  @Test
  void aMissingFileIsNamed() throws IOException {
    Checkpoints checkpoints = keeping(1);
    save(checkpoints, 3);
    Path weights = folder.resolve("step-00000003").resolve(ModelFiles.WEIGHTS);
    Files.delete(weights);
    assertThatThrownBy(() -> readAll(checkpoints))
        .isInstanceOf(CorruptCheckpointException.class)
        .hasMessageContaining(weights + " is missing");
  }

  private void readAll(Checkpoints checkpoints) throws IOException {
    Published latest = checkpoints.latest().orElseThrow();
    checkpoints.readState(latest);
    checkpoints.restore(latest, model, adamW);
  }

  @Test
  void aFolderWithoutAManifestIsInvisible() throws IOException {
    Checkpoints checkpoints = keeping(2);
    save(checkpoints, 1);
    save(checkpoints, 2);
    Files.delete(folder.resolve("step-00000002").resolve(CheckpointManifest.FILE_NAME));
    assertRestores(checkpoints, 1);
    save(checkpoints, 2);
    assertRestores(checkpoints, 2);
  }

  @Test
  void aStateFromBeforeThereWereAdaptersContinues() throws IOException {
    save(keeping(1), 1);
    Path file = folder.resolve("step-00000001").resolve(TrainState.FILE_NAME);
    ObjectMapper json = new ObjectMapper();
    ObjectNode written = (ObjectNode) json.readTree(file.toFile());
    written.remove(List.of("adapters", "baseDigest"));
    TrainState stored = json.treeToValue(written, TrainState.class);

    assertThat(state(1).differencesFrom(stored)).isEmpty();
    assertThat(stored).isEqualTo(state(1));
  }

  @Test
  void aRunOfOtherSettingsDoesNotContinue() {
    TrainState stored = state(5);
    assertThat(state(9).differencesFrom(stored)).isEmpty();
    TrainState other =
        new TrainState(5, 2, 8, 2, 16, 3, "data-2", "fixed", List.of("projector"), "", "");
    assertThat(other.differencesFrom(stored))
        .containsExactly(
            "run.seed was 7 and is 8",
            "train.lanes was 4 and is 2",
            "train.globalBatchSize was 8 and is 16",
            "train.windowRowGroups was 2 and is 3",
            "data fingerprint was data-1 and is data-2",
            "token schedule was weighted and is fixed",
            "trained segments was [projector, language_model] and is [projector]");
  }
}
