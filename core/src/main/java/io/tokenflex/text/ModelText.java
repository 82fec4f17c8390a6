package io.tokenflex.text;

import static java.util.Objects.requireNonNull;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * How a model reads and writes text: its tokenizer and, where it was published with one, its chat
 * template. A model without one speaks ChatML.
 *
 * @param tokenizerJson content of {@code tokenizer.json}
 * @param otherFiles content of {@link #OTHER_FILES} and of {@code generation_config.json}, those
 *     that there are, by name
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
  private static final String GENERATION = "generation_config.json";
  private static final String MISSING =
      "The model folder has no tokenizer.json; take a checkpoint or an imported model, whole";

  public ModelText {
    requireNonNull(tokenizerJson, "tokenizerJson");
    otherFiles = Map.copyOf(otherFiles);
  }

  /** A tokenizer with ChatML's tokens and no template. */
  public static ModelText chatMl(byte[] tokenizerJson) {
    return new ModelText(tokenizerJson, Map.of());
  }

  /** A model folder, wherever it is. */
  @FunctionalInterface
  public interface Folder {
    /** Content of a file, empty if there is none of that name. */
    Optional<byte[]> read(String name) throws IOException;

    /** One on the local disk. */
    static Folder of(Path folder) {
      return name -> {
        Path file = folder.resolve(name);
        return Files.exists(file) ? Optional.of(Files.readAllBytes(file)) : Optional.empty();
      };
    }
  }

  /**
   * Reads the files of a model folder.
   *
   * @throws IOException if there is no {@code tokenizer.json}, or one cannot be read
   */
  public static ModelText read(Folder folder) throws IOException {
    byte[] tokenizerJson =
        folder.read(TOKENIZER).orElseThrow(() -> new FileNotFoundException(MISSING));
    Map<String, byte[]> others = otherFiles(folder);
    folder.read(GENERATION).ifPresent(bytes -> others.put(GENERATION, bytes));
    return new ModelText(tokenizerJson, others);
  }

  /** Reads {@link #OTHER_FILES}, those that there are. */
  public static Map<String, byte[]> otherFiles(Folder folder) throws IOException {
    Map<String, byte[]> others = new HashMap<>();
    for (String name : OTHER_FILES) {
      Optional<byte[]> content = folder.read(name);
      content.ifPresent(bytes -> others.put(name, bytes));
    }
    return others;
  }

  /**
   * Finds out whether the chat template, if there is one, can be used.
   *
   * @throws IOException if a file is damaged
   * @throws IllegalArgumentException if the template and the tokenizer do not fit
   */
  public void checkTemplate() throws IOException {
    if (ChatTemplateText.isIn(otherFiles)) {
      try (HuggingFaceTokenizer tokenizer = openTokenizer()) {
        template(tokenizer);
      }
    }
  }

  /** Opens the tokenizer; the caller closes it. */
  public HuggingFaceTokenizer openTokenizer() throws IOException {
    return new HuggingFaceTokenizer(tokenizerJson);
  }

  /**
   * The ids at which a generated answer ends, as in transformers' {@code generate}: those of {@code
   * generation_config.json}, and the end of turn that training supervises.
   *
   * @throws IOException if the file is damaged
   */
  public List<Long> endIds(ChatTemplate template) throws IOException {
    Set<Long> ids = new LinkedHashSet<>();
    if (otherFiles.containsKey(GENERATION)) {
      ids.addAll(EndTokens.read(otherFiles.get(GENERATION), GENERATION));
    }
    ids.add(template.endOfTurnId());
    return List.copyOf(ids);
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
