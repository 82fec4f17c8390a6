package io.tokenflex.jobs.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;

/** The job jar against NOTICE. */
class NoticeIT {
  private static final Path NOTICE = Path.of("..", "NOTICE");
  private static final Pattern LISTED =
      Pattern.compile("(?m)^(\\S+-\\d\\S*) +(Apache-2.0|BSD-3-Clause|MIT)\\b");

  @Test
  void theNoticeListsWhatTheJobJarHolds() throws IOException {
    Set<String> held = new TreeSet<>();
    try (ZipFile jobJar = jobJar()) {
      for (Path library : libraries()) {
        if (isHeld(library, jobJar)) {
          held.add(library.getFileName().toString().replaceFirst("\\.jar$", ""));
        }
      }
    }
    Set<String> listed = new TreeSet<>();
    LISTED.matcher(Files.readString(NOTICE)).results().forEach(line -> listed.add(line.group(1)));

    assertThat(listed).as("libraries in NOTICE").isEqualTo(held);
  }

  @Test
  void theJobJarHasOneLicenceAndOneNoticeAndTheyAreOurs() throws IOException {
    try (ZipFile jobJar = jobJar()) {
      for (String name : List.of("LICENSE", "NOTICE")) {
        byte[] text = jobJar.getInputStream(jobJar.getEntry("META-INF/" + name)).readAllBytes();
        assertThat(new String(text, UTF_8)).isEqualTo(Files.readString(Path.of("..", name)));
      }
      assertThat(jobJar.stream().map(ZipEntry::getName))
          .doesNotHaveDuplicates()
          .doesNotContain("LICENSE", "NOTICE");
    }
  }

  private static ZipFile jobJar() throws IOException {
    return new ZipFile(System.getProperty("tokenflex.job.jar"));
  }

  private static List<Path> libraries() {
    return Pattern.compile(File.pathSeparator)
        .splitAsStream(System.getProperty("java.class.path"))
        .map(Path::of)
        .filter(path -> path.toString().endsWith(".jar"))
        .filter(path -> !path.getFileName().toString().startsWith("tokenflex-"))
        .toList();
  }

  /** Whether most files of a library are in the jar; a few may be left out or shared by others. */
  private static boolean isHeld(Path library, ZipFile jobJar) throws IOException {
    try (ZipFile zip = new ZipFile(library.toFile())) {
      List<? extends ZipEntry> files =
          zip.stream()
              .filter(entry -> !entry.isDirectory() && !entry.getName().startsWith("META-INF/"))
              .toList();
      long same = files.stream().filter(file -> isSame(file, jobJar)).count();
      return same > files.size() / 2;
    }
  }

  private static boolean isSame(ZipEntry file, ZipFile jobJar) {
    ZipEntry other = jobJar.getEntry(file.getName());
    return other != null && other.getSize() == file.getSize() && other.getCrc() == file.getCrc();
  }
}
