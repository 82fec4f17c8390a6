package io.tokenflex.data;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * How a model reads and writes text: its tokenizer and, where it was published with one, its chat
 * template. A model without one speaks ChatML.
 *
 * @param tokenizerJson content of {@code tokenizer.json}
 * @param otherFiles content of {@link #OTHER_FILES}, those that there are, by name
 */
@SuppressWarnings("ArrayRecordComponent") // shipped and written, never compared
public record ModelText(byte[] tokenizerJson, Map<String, byte[]> otherFiles)
    implements Serializable {
  /** Files of a model folder in which special tokens and a chat template may be. */
  public static final List<String> OTHER_FILES =
      List.of(
          "tokenizer_config.json",
          "special_tokens_map.json",
          "chat_template.jinja",
          "chat_template.json");

  private static final String TOKENIZER = "tokenizer.json";

  public ModelText {
    requireNonNull(tokenizerJson, "tokenizerJson");
    otherFiles = Map.copyOf(otherFiles);
  }

  /** A tokenizer with ChatML's tokens and no template. */
  public static ModelText chatMl(byte[] tokenizerJson) {
    return new ModelText(tokenizerJson, Map.of());
  }

  /** Reads the files of a model folder. */
  public static ModelText read(Path modelFolder) throws IOException {
    Map<String, byte[]> others = new HashMap<>();
    for (String name : OTHER_FILES) {
      Path file = modelFolder.resolve(name);
      if (Files.exists(file)) {
        others.put(name, Files.readAllBytes(file));
      }
    }
    return new ModelText(Files.readAllBytes(modelFolder.resolve(TOKENIZER)), others);
  }

  /** Opens the tokenizer; the caller closes it. */
  public HuggingFaceTokenizer openTokenizer() throws IOException {
    return new HuggingFaceTokenizer(tokenizerJson);
  }

  /**
   * The chat template over a tokenizer opened from here.
   *
   * @throws IOException if a file is damaged
   * @throws IllegalArgumentException if the template and the tokenizer do not fit
   */
  public ChatTemplate template(Tokenizer tokenizer) throws IOException {
    return ChatTemplateText.isIn(otherFiles)
        ? new JinjaChatTemplate(tokenizer, ChatTemplateText.of(otherFiles, "the model folder"))
        : new ChatMlTemplate(tokenizer);
  }
}
