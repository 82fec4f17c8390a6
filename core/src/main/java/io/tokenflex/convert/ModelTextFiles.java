package io.tokenflex.convert;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.tokenflex.json.PythonJson;
import io.tokenflex.modelfolder.ModelFiles;
import io.tokenflex.text.ModelText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Copies the text-related files of a model folder: tokenizer configuration, chat template,
 * generation configuration.
 */
final class ModelTextFiles {
  static final String TOKENIZER_CONFIG = "tokenizer_config.json";
  private static final String SPECIAL_TOKENS = "special_tokens_map.json";

  private ModelTextFiles() {}

  /**
   * Copies the files that exist; {@code tokenizer_config.json} is rewritten so that every version
   * of transformers can load it.
   *
   * @param to already contains {@code tokenizer.json}
   */
  static void copy(Path from, Path to) throws IOException {
    List<String> names = new ArrayList<>(ModelText.OTHER_FILES);
    names.add(ModelFiles.GENERATION);
    for (String name : names) {
      if (Files.exists(from.resolve(name))) {
        if (name.equals(TOKENIZER_CONFIG)) {
          Files.write(to.resolve(name), tokenizerConfig(from, to));
        } else {
          Files.copy(from.resolve(name), to.resolve(name));
        }
      }
    }
  }

  private static byte[] tokenizerConfig(Path from, Path to) throws IOException {
    Path map = from.resolve(SPECIAL_TOKENS);
    JsonNode specialTokens =
        Files.exists(map)
            ? PythonJson.read(Files.readAllBytes(map), map.toString())
            : JsonNodeFactory.instance.objectNode();
    Path tokenizer = to.resolve(ModelFiles.TOKENIZER);
    return TokenizerConfig.portable(
        Files.readAllBytes(from.resolve(TOKENIZER_CONFIG)),
        specialTokens,
        PythonJson.read(Files.readAllBytes(tokenizer), tokenizer.toString()));
  }
}
