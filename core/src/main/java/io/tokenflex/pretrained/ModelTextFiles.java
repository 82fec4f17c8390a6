package io.tokenflex.pretrained;

import io.tokenflex.data.ModelText;
import io.tokenflex.weights.ModelFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The small files of a model folder that say how text is written and ended. */
final class ModelTextFiles {
  private ModelTextFiles() {}

  /** Copies those that are there. */
  static void copy(Path from, Path to) throws IOException {
    List<String> names = new ArrayList<>(ModelText.OTHER_FILES);
    names.add(ModelFiles.GENERATION);
    for (String name : names) {
      if (Files.exists(from.resolve(name))) {
        Files.copy(from.resolve(name), to.resolve(name));
      }
    }
  }
}
