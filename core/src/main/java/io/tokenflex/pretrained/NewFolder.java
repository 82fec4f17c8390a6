package io.tokenflex.pretrained;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;

/** A folder that is either whole or not there: it is filled beside its place and then renamed. */
final class NewFolder {
  private final Path folder;

  /** Fills the staging folder. */
  @FunctionalInterface
  interface Content {
    void write(Path staging) throws IOException;
  }

  /**
   * A folder to be made.
   *
   * @throws FileAlreadyExistsException if it is there and not empty
   */
  NewFolder(Path folder) throws IOException {
    this.folder = folder.toAbsolutePath().normalize();
    if (Files.exists(this.folder) && !isEmpty(this.folder)) {
      throw new FileAlreadyExistsException(
          folder.toString(), null, "it is not empty; choose another folder or delete it");
    }
  }

  /** Fills the folder; if that fails, nothing is left behind. */
  void fill(Content content) throws IOException {
    Files.createDirectories(folder.getParent());
    // Not a temporary folder of the JDK's: nobody but its owner may read those.
    String attempt = HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextInt());
    Path staging =
        Files.createDirectory(
            folder.resolveSibling("." + folder.getFileName() + "-" + attempt + ".partial"));
    try {
      content.write(staging);
      Files.deleteIfExists(folder);
      Files.move(staging, folder);
    } catch (IOException | RuntimeException e) {
      delete(staging);
      throw e;
    }
  }

  private static boolean isEmpty(Path folder) throws IOException {
    try (Stream<Path> content = Files.list(folder)) {
      return content.findAny().isEmpty();
    }
  }

  private static void delete(Path folder) throws IOException {
    List<Path> innermostFirst;
    try (Stream<Path> content = Files.walk(folder)) {
      innermostFirst = content.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path path : innermostFirst) {
      Files.deleteIfExists(path);
    }
  }
}
