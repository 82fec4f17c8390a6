package io.tokenflex.dataprep.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ImageFolderTest {
  @TempDir java.nio.file.Path folder;

  @ParameterizedTest
  @CsvSource({
    "a.jpg, true", "coco/train/a b#1.jpg, true", "..a.jpg, true", "/etc/passwd, false",
    "../a.jpg, false", "a/../../b.jpg, false", "file:/etc/passwd, false", "'', false"
  })
  void onlyPlainPathsAreInside(String name, boolean isInside) {
    assertThat(ImageFolder.isInside(name)).isEqualTo(isInside);
  }

  @Test
  void theFingerprintFollowsNamesAndLengthsButNotPlaces() throws IOException {
    String first = fingerprint("one", "sub/a.jpg", "abc");
    assertThat(fingerprint("two", "sub/a.jpg", "abc")).isEqualTo(first);
    assertThat(fingerprint("three", "sub/a.jpg", "abcd")).isNotEqualTo(first);
    assertThat(fingerprint("four", "sub/b.jpg", "abc")).isNotEqualTo(first);
  }

  @Test
  void namesWithBlanksAndSignsAreRead() throws IOException {
    java.nio.file.Path file = folder.resolve("a b#1 %20?.jpg");
    Files.writeString(file, "abc");
    assertThat(imageFolder(folder).read("a b#1 %20?.jpg", 10)).hasSize(3);
    assertThat(imageFolder(folder).read("a b#1 %20?.jpg", 1)).hasSize(2);
  }

  private String fingerprint(String root, String name, String content) throws IOException {
    java.nio.file.Path file = folder.resolve(root).resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, content);
    return imageFolder(folder.resolve(root)).fingerprint();
  }

  private static ImageFolder imageFolder(java.nio.file.Path root) throws IOException {
    return new ImageFolder(FileSystem.getLocal(new Configuration()), new Path(root.toUri()));
  }
}
