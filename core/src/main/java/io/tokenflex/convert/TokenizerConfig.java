package io.tokenflex.convert;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tokenflex.json.PythonJson;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A {@code tokenizer_config.json} under which every version of transformers opens {@code
 * tokenizer.json} as it is.
 *
 * <p>It names the class {@code PreTrainedTokenizerFast}. With the classes of model families
 * transformers 5 builds a tokenizer of its own from the vocabulary and forgets what was added to
 * {@code tokenizer.json}, such as an image token. What such a class says besides is written out.
 */
final class TokenizerConfig {
  private static final String CLASS = "tokenizer_class";
  private static final String ANY = "PreTrainedTokenizerFast";
  private static final String INPUT_NAMES = "model_input_names";
  private static final String PADDING_SIDE = "padding_side";
  private static final String EXTRA_TOKENS = "extra_special_tokens"; // 5 writes a list, 4 an object
  private static final String ADDITIONAL_TOKENS = "additional_special_tokens"; // both read a list

  /** About the folder or the model that the file lay beside. */
  private static final Set<String> ELSEWHERE =
      Set.of(
          "added_tokens_decoder", // tokenizer.json has all of them, and here <image> is missing
          "auto_map",
          "backend",
          "is_local",
          "local_files_only",
          "processor_class");

  /** Tokens that a class has where the file is silent. */
  private static final Map<String, Map<String, String>> TOKENS_OF_CLASS =
      Map.of(
          "Llama",
              Map.of(
                  "bos_token", "<s>",
                  "eos_token", "</s>",
                  "unk_token", "<unk>"),
          "Qwen2",
              Map.of(
                  "eos_token", "<|endoftext|>",
                  "pad_token", "<|endoftext|>",
                  "unk_token", "<|endoftext|>"),
          "GPT2",
              Map.of(
                  "bos_token", "<|endoftext|>",
                  "eos_token", "<|endoftext|>",
                  "unk_token", "<|endoftext|>"));

  private static final Set<String> PADDED_ON_THE_LEFT = Set.of("Llama");

  private TokenizerConfig() {}

  /**
   * The file for a folder that is written.
   *
   * @param published its content in the folder that it comes from
   * @param specialTokensMap the {@code special_tokens_map.json} there, or an empty object
   * @param tokenizer the {@code tokenizer.json} beside it
   */
  static byte[] portable(byte[] published, JsonNode specialTokensMap, JsonNode tokenizer)
      throws IOException {
    if (!(PythonJson.read(published, "tokenizer_config.json") instanceof ObjectNode config)) {
      throw new IOException("tokenizer_config.json is no JSON object; take the published one anew");
    }
    String family = config.path(CLASS).asText("").replaceFirst("Tokenizer(Fast)?$", "");
    TOKENS_OF_CLASS
        .getOrDefault(family, Map.of())
        .forEach(
            (name, token) -> {
              boolean said = config.has(name) || specialTokensMap.has(name);
              if (!said && hasToken(tokenizer, token)) {
                config.put(name, token);
              }
            });
    if (PADDED_ON_THE_LEFT.contains(family) && !config.has(PADDING_SIDE)) {
      config.put(PADDING_SIDE, "left");
    }
    config.put(CLASS, ANY);
    if (!config.hasNonNull(INPUT_NAMES)) { // else there are token types, which no decoder takes
      List.of("input_ids", "attention_mask").forEach(config.putArray(INPUT_NAMES)::add);
    }
    if (config.path(EXTRA_TOKENS).isArray()) {
      JsonNode tokens = config.remove(EXTRA_TOKENS);
      if (!tokens.isEmpty() && !config.hasNonNull(ADDITIONAL_TOKENS)) {
        config.set(ADDITIONAL_TOKENS, tokens);
      }
    }
    config.remove(ELSEWHERE);
    return PythonJson.write(config);
  }

  private static boolean hasToken(JsonNode tokenizer, String token) {
    for (JsonNode added : tokenizer.path("added_tokens")) {
      if (added.path("content").asText().equals(token)) {
        return true;
      }
    }
    return tokenizer.path("model").path("vocab").has(token);
  }
}
