package io.tokenflex.convert;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
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
    // Not createTempDirectory, whose folders nobody else may read.
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
      if (!done) { // also if memory ran out
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
