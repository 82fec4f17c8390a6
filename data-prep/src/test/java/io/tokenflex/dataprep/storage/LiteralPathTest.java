package io.tokenflex.dataprep.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LiteralPathTest {
  @TempDir java.nio.file.Path folder;

  @Test
  void aNameOfPatternCharactersStandsForItselfAlone() throws IOException {
    FileSystem files = FileSystem.getLocal(new Configuration());
    List<String> names =
        List.of(
            "{a}", "[b]", "c*", "d?", "e{", "f}", "g[", "h]", "plain", "{a,b}[0-9]*", "two words");
    for (String name : names) {
      Files.createDirectories(folder.resolve(name));
    }
    for (String decoy : List.of("a", "b", "cc", "dd", "a1x")) {
      Files.createDirectories(folder.resolve(decoy));
    }
    for (String name : names) {
      Path path = new Path(folder.toUri().getPath(), name);
      FileStatus[] found = files.globStatus(new Path(LiteralPath.of(path.toString())));
      assertThat(found).as(name).hasSize(1);
      assertThat(found[0].getPath().getName()).isEqualTo(name);
    }
  }
}
