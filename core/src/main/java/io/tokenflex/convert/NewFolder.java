package io.tokenflex.convert;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;

/** Creates a folder atomically: writes to a sibling staging folder, then renames it. */
final class NewFolder {
  private final Path folder;

  /** Writes the content into the staging folder. */
  @FunctionalInterface
  interface Content {
    void write(Path staging) throws IOException;
  }

  /**
   * Prepares the creation of {@code folder}.
   *
   * @throws FileAlreadyExistsException if it exists and is not empty
   */
  NewFolder(Path folder) throws IOException {
    this.folder = folder.toAbsolutePath().normalize();
    if (Files.exists(this.folder) && !isEmpty(this.folder)) {
      throw new FileAlreadyExistsException(
          folder.toString(), null, "it is not empty; choose another folder or delete it");
    }
  }

  /** Writes and publishes the folder; on failure the staging folder is deleted. */
  void fill(Content content) throws IOException {
    Files.createDirectories(folder.getParent());
    // createTempDirectory would make a folder that only its owner can read
    Path staging =
        Files.createDirectory(
            folder.resolveSibling(".%s-%s".formatted(folder.getFileName(), UUID.randomUUID())));
    boolean done = false;
    try {
      content.write(staging);
      Files.deleteIfExists(folder);
      Files.move(staging, folder);
      done = true;
    } finally {
      if (!done) { // also after an OutOfMemoryError
        delete(staging);
      }
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
