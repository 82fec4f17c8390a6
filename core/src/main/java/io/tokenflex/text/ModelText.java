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
 * Tokenizer and chat template of a model. A model without a template uses ChatML.
 *
 * @param tokenizerJson content of {@code tokenizer.json}
 * @param otherFiles content by name of those of {@link #OTHER_FILES} and {@code
 *     generation_config.json} that exist
 */
@SuppressWarnings("ArrayRecordComponent") // serialized, never compared
public record ModelText(byte[] tokenizerJson, Map<String, byte[]> otherFiles)
    implements Serializable {
  /** Files of a model folder that may contain special tokens and a chat template. */
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

  /** A tokenizer with ChatML's special tokens and no template. */
  public static ModelText chatMl(byte[] tokenizerJson) {
    return new ModelText(tokenizerJson, Map.of());
  }

  /** A model folder on any storage. */
  @FunctionalInterface
  public interface Folder {
    /** Content of a file; empty if it does not exist. */
    Optional<byte[]> read(String name) throws IOException;

    /** A local folder. */
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
   * @throws IOException if {@code tokenizer.json} is missing, or a file cannot be read
   */
  public static ModelText read(Folder folder) throws IOException {
    byte[] tokenizerJson =
        folder.read(TOKENIZER).orElseThrow(() -> new FileNotFoundException(MISSING));
    Map<String, byte[]> others = otherFiles(folder);
    folder.read(GENERATION).ifPresent(bytes -> others.put(GENERATION, bytes));
    return new ModelText(tokenizerJson, others);
  }

  /** Reads those of {@link #OTHER_FILES} that exist. */
  public static Map<String, byte[]> otherFiles(Folder folder) throws IOException {
    Map<String, byte[]> others = new HashMap<>();
    for (String name : OTHER_FILES) {
      Optional<byte[]> content = folder.read(name);
      content.ifPresent(bytes -> others.put(name, bytes));
    }
    return others;
  }

  /**
   * Validates the chat template, if there is one.
   *
   * @throws IOException if a file is damaged
   * @throws IllegalArgumentException if template and tokenizer do not match
   */
  public void checkTemplate() throws IOException {
    if (ChatTemplateText.isIn(otherFiles)) {
      try (HuggingFaceTokenizer tokenizer = openTokenizer()) {
        template(tokenizer);
      }
    }
  }

  /** Loads the tokenizer; the caller closes it. */
  public HuggingFaceTokenizer openTokenizer() throws IOException {
    return new HuggingFaceTokenizer(tokenizerJson);
  }

  /**
   * Token ids that end a generated answer: those of {@code generation_config.json}, as in
   * transformers' {@code generate}, and the end-of-turn token supervised in training.
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
   * Creates the chat template for a tokenizer of {@link #openTokenizer}.
   *
   * @throws IOException if a file is damaged
   * @throws IllegalArgumentException if template and tokenizer do not match
   */
  public ChatTemplate template(Tokenizer tokenizer) throws IOException {
    return ChatTemplateText.isIn(otherFiles)
        ? new JinjaChatTemplate(tokenizer, ChatTemplateText.of(otherFiles, "the model folder"))
        : new ChatMlTemplate(tokenizer);
  }
}
