package io.tokenflex.text;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.tokenflex.failure.InvalidInputException;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The chat template published with a model.
 *
 * @param name its origin, for messages
 * @param template Jinja source
 * @param specialTokens variables for the template, such as {@code bos_token} and {@code eos_token}
 */
public record ChatTemplateText(String name, String template, Map<String, String> specialTokens) {
  private static final String TEMPLATE_FILE = "chat_template.jinja";
  private static final String TEMPLATE_JSON = "chat_template.json";
  private static final String TOKENIZER_CONFIG = "tokenizer_config.json";
  private static final String SPECIAL_TOKENS = "special_tokens_map.json";
  private static final String KEY = "chat_template";
  private static final List<String> TOKEN_NAMES =
      List.of(
          "bos_token",
          "eos_token",
          "unk_token",
          "sep_token",
          "pad_token",
          "cls_token",
          "mask_token");

  public ChatTemplateText {
    requireNonNull(name, "name");
    requireNonNull(template, "template");
    specialTokens = Map.copyOf(specialTokens);
  }

  /** Whether a model folder contains a chat template. */
  static boolean isIn(Map<String, byte[]> files) throws IOException {
    return files.containsKey(TEMPLATE_FILE)
        || json(files, TOKENIZER_CONFIG).hasNonNull(KEY)
        || json(files, TEMPLATE_JSON).hasNonNull(KEY);
  }

  /**
   * Finds the template of a model folder: {@code chat_template.jinja}, else {@code chat_template}
   * in {@code tokenizer_config.json} (of several, the one named "default"), else {@code
   * chat_template.json}.
   *
   * @param files content by file name
   * @param modelFolder the folder's name, for messages
   * @throws IOException if a file is damaged
   * @throws IllegalArgumentException if there is no template
   */
  static ChatTemplateText of(Map<String, byte[]> files, String modelFolder) throws IOException {
    JsonNode config = json(files, TOKENIZER_CONFIG);
    JsonNode map = json(files, SPECIAL_TOKENS);
    Map<String, String> tokens = new LinkedHashMap<>();
    for (String name : TOKEN_NAMES) {
      JsonNode token = config.hasNonNull(name) ? config.get(name) : map.path(name);
      String content = token.isTextual() ? token.asText() : token.path("content").asText("");
      if (!content.isEmpty()) {
        tokens.put(name, content);
      }
    }
    if (files.containsKey(TEMPLATE_FILE)) {
      String template = new String(files.get(TEMPLATE_FILE), UTF_8);
      return new ChatTemplateText(modelFolder + "/" + TEMPLATE_FILE, template, tokens);
    }
    for (String name : List.of(TOKENIZER_CONFIG, TEMPLATE_JSON)) {
      JsonNode template = json(files, name).path(KEY);
      if (!template.isMissingNode() && !template.isNull()) {
        String place = modelFolder + "/" + name;
        return new ChatTemplateText(place, text(template, place), tokens);
      }
    }
    throw new InvalidInputException(
        "%s has no chat template: neither %s nor %s in %s or %s; take the folder of a model that was tuned to chat, or write the template to %s"
            .formatted(
                modelFolder, TEMPLATE_FILE, KEY, TOKENIZER_CONFIG, TEMPLATE_JSON, TEMPLATE_FILE));
  }

  private static String text(JsonNode template, String path) {
    if (template.isTextual()) {
      return template.asText();
    }
    for (JsonNode named : template) {
      if (named.path("name").asText().equals("default")) {
        return named.path("template").asText();
      }
    }
    throw new InvalidInputException(
        "%s: %s is neither a string nor a list with a template named default".formatted(path, KEY));
  }

  private static JsonNode json(Map<String, byte[]> files, String name) throws IOException {
    return files.containsKey(name)
        ? new ObjectMapper().readTree(files.get(name))
        : MissingNode.getInstance();
  }
}
