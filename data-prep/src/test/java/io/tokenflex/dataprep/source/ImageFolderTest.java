package io.tokenflex.dataprep.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ImageFolderTest {
  @TempDir java.nio.file.Path folder;

  @ParameterizedTest
  @CsvSource({
    "a.jpg, true",
    "coco/train/a b#1.jpg, true",
    "..a.jpg, true",
    "/etc/passwd, false",
    "../a.jpg, false",
    "a/../../b.jpg, false",
    "file:/etc/passwd, false",
    "'', false",
    "https://example.org/a.jpg, false",
    "s3a://b/a.jpg, false",
    "shot 12:30.png, true",
    "12:30/a.jpg, true",
    "a/file:b.jpg, true"
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

  @ParameterizedTest
  @ValueSource(strings = {"shot 12:30.png", "a:b", ":", "12:30/1.jpg", "x/a:b:c.jpg", "::/::"})
  void namesWithColonsAreRead(String name) throws IOException {
    java.nio.file.Path file = folder.resolve("root").resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, "abc");
    ImageFolder images = imageFolder(folder.resolve("root"));
    assertThat(ImageFolder.isInside(name)).isTrue();
    assertThat(images.read(name, 10)).hasSize(3);
    assertThat(images.fingerprint()).isNotEmpty();
    assertThatThrownBy(() -> images.read(name + "x", 10)).isInstanceOf(FileNotFoundException.class);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 8})
  void linksThatLeadBackAreFollowedOnce(int numLinks) throws IOException {
    java.nio.file.Path root = folder.resolve("root");
    Files.createDirectories(root.resolve("a/b"));
    Files.writeString(root.resolve("a/b/1.jpg"), "abc");
    String before = imageFolder(root).fingerprint();
    for (int i = 0; i < numLinks; i++) {
      Files.createSymbolicLink(root.resolve("self" + i), java.nio.file.Path.of("."));
      Files.createSymbolicLink(root.resolve("a/up" + i), java.nio.file.Path.of(".."));
      Files.createSymbolicLink(root.resolve("a/b/over" + i), root.resolve("a"));
    }
    Files.createSymbolicLink(root.resolve("nowhere"), root.resolve("missing"));
    String looped =
        assertTimeoutPreemptively(Duration.ofSeconds(30), () -> imageFolder(root).fingerprint());
    assertThat(looped).isEqualTo(before);
    Files.writeString(root.resolve("a/b/2.jpg"), "abc");
    assertThat(imageFolder(root).fingerprint()).isNotEqualTo(before);
  }

  @Test
  void linksToOtherFoldersCount() throws IOException {
    java.nio.file.Path root = Files.createDirectories(folder.resolve("root"));
    java.nio.file.Path elsewhere = Files.createDirectories(folder.resolve("elsewhere"));
    Files.createSymbolicLink(root.resolve("link"), elsewhere);
    String before = imageFolder(root).fingerprint();
    Files.writeString(elsewhere.resolve("1.jpg"), "abc");
    assertThat(imageFolder(root).fingerprint()).isNotEqualTo(before);
    assertThat(imageFolder(root).read("link/1.jpg", 10)).hasSize(3);
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
