package io.tokenflex.jobs.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.jobs.run.RunFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HeldModelTest {
  private static final Configuration HADOOP = new Configuration();

  @TempDir private Path folder;

  private void publish(String name) throws IOException {
    Path checkpoint = folder.resolve("checkpoints").resolve(name);
    Files.createDirectories(checkpoint);
    Files.writeString(checkpoint.resolve("manifest.json"), "{}");
  }

  private List<String> holds() throws IOException {
    try (Stream<Path> files = Files.list(folder.resolve("checkpoints/.readers"))) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }

  @Test
  void theNewestCheckpointIsHeldUntilItWasRead() throws IOException {
    publish("step-99999999");
    publish("step-100000000");
    Files.createDirectories(folder.resolve("checkpoints/step-200000000")); // no manifest
    RunFolder run = RunFolder.of(folder.toString(), HADOOP);
    try (HeldModel model = HeldModel.newest(run)) {
      assertThat(model.folder()).endsWith("/checkpoints/step-100000000");
      assertThat(holds()).singleElement().asString().startsWith("step-100000000.");
    }
    assertThat(holds()).isEmpty();
  }

  @Test
  void aCheckpointThatIsNamedIsHeldToo() throws IOException {
    publish("step-00000005");
    String named = folder.resolve("checkpoints/step-00000005").toUri().toString();
    try (HeldModel model = HeldModel.of(named, HADOOP)) {
      assertThat(model.folder()).isEqualTo(named);
      assertThat(holds()).singleElement().asString().startsWith("step-00000005.");
    }
    assertThat(holds()).isEmpty();
  }

  @Test
  void theNameOfAStepFindsItsCheckpointUnderTheNameThatALaterAttemptTook() throws IOException {
    Files.createDirectories(folder.resolve("checkpoints/step-00000005")); // a broken attempt's
    publish("step-00000005-0123456789abcdef");
    String named = folder.resolve("checkpoints/step-00000005").toString();
    try (HeldModel model = HeldModel.of(named, HADOOP)) {
      assertThat(model.folder()).endsWith("/checkpoints/step-00000005-0123456789abcdef");
      assertThat(holds()).singleElement().asString().startsWith("step-00000005-0123456789abcdef.");
    }
  }

  @Test
  void aCheckpointThatIsBeingWrittenIsRefused() throws IOException {
    Path checkpoints = folder.resolve("checkpoints");
    Path draft = Files.createDirectories(checkpoints.resolve("step-00000005"));
    Files.createDirectories(checkpoints.resolve(".saves/step-00000005"));
    HeldModel.of(draft.toString(), HADOOP).close(); // a copy of a model, for all we know
    Files.writeString(checkpoints.resolve(".saves/step-00000005/attempt.json"), "{}");
    assertThatThrownBy(() -> HeldModel.of(draft.toString(), HADOOP))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("step-00000005 is no checkpoint: it has no manifest");
  }

  @Test
  void aFolderThatIsNoCheckpointIsLeftAlone() throws IOException {
    Path imported = Files.createDirectories(folder.resolve("models/imported"));
    try (HeldModel model = HeldModel.of(imported.toString(), HADOOP)) {
      assertThat(model.folder()).isEqualTo(imported.toString());
    }
    assertThat(folder.resolve("models/.readers")).doesNotExist();
  }

  @Test
  void aRunWithoutACheckpointSaysWhatToDo() throws IOException {
    RunFolder run = RunFolder.of(folder.toString(), HADOOP);
    assertThatThrownBy(() -> HeldModel.newest(run))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("train first, or name a model folder with --set evaluate.model=");
  }
}
