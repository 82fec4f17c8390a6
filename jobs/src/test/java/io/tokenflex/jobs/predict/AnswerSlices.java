package io.tokenflex.jobs.predict;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Files of answers that predict has committed. */
final class AnswerSlices {
  private AnswerSlices() {}

  /**
   * Sorted by name.
   *
   * @param out what {@code --out} names
   */
  static List<Path> under(Path out) throws IOException {
    try (Stream<Path> files = Files.walk(out.resolve(Path.of("work", "answers")))) {
      return files
          .filter(file -> file.getFileName().toString().matches("slice-.*\\.json"))
          .sorted()
          .toList();
    }
  }
}
