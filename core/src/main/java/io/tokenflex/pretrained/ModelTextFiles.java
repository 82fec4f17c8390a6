package io.tokenflex.pretrained;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The small files of a model folder that say how text is written and ended. */
public final class ModelTextFiles {
  /** In which a tokenizer's special tokens and a chat template may be. */
  public static final List<String> NAMES =
      List.of(
          "tokenizer_config.json",
          "special_tokens_map.json",
          "chat_template.jinja",
          "chat_template.json",
          "generation_config.json");

  private ModelTextFiles() {}

  /** Copies those that are there. */
  static void copy(Path from, Path to) throws IOException {
    for (String name : NAMES) {
      if (Files.exists(from.resolve(name))) {
        Files.copy(from.resolve(name), to.resolve(name));
      }
    }
  }
}
