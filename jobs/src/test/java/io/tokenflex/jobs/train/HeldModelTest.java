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
    try (HeldModel model = HeldModel.newest(run, HADOOP)) {
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
    assertThatThrownBy(() -> HeldModel.newest(run, HADOOP))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("train first, or name a model folder with --set evaluate.model=");
  }
}
