package io.tokenflex.jobs.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunFolderTest {
  @TempDir private Path folder;

  @Test
  void aFullDiskIsAnExceptionThatNamesTheFileAndLeavesTheOldText() throws IOException {
    RunFolder run = RunFolder.of(folder.toUri().toString(), new Configuration());
    run.writeText("notes/one", "old");
    Files.createSymbolicLink(folder.resolve("notes/one.partial"), Path.of("/dev/full"));
    assertThatThrownBy(() -> run.writeText("notes/one", "new"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(folder.resolve("notes/one").toString())
        .hasMessageContaining("No space left on device");
    assertThat(run.readText("notes/one")).isEqualTo("old");
  }

  @Test
  void aDiskThatCannotBeReadIsAnExceptionThatNamesTheFile() throws IOException {
    RunFolder run = RunFolder.of(folder.toUri().toString(), new Configuration());
    // The first page of a process is not mapped: reading there is an error of input.
    Files.createSymbolicLink(folder.resolve("notes"), Path.of("/proc/self/mem"));
    assertThatThrownBy(() -> run.readText("notes"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(folder.resolve("notes").toString())
        .hasMessageContaining("Input/output error");
  }
}
