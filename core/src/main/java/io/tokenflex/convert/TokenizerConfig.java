package io.tokenflex.convert;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tokenflex.json.PythonJson;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Rewrites {@code tokenizer_config.json} so that every version of transformers loads {@code
 * tokenizer.json} unchanged.
 *
 * <p>The tokenizer class becomes {@code PreTrainedTokenizerFast}, because with the class of a model
 * family transformers 5 rebuilds the tokenizer from its vocabulary and drops tokens added to {@code
 * tokenizer.json}, such as the image token. Defaults of the family's class are written explicitly.
 */
final class TokenizerConfig {
  private static final String CLASS = "tokenizer_class";
  private static final String ANY = "PreTrainedTokenizerFast";
  private static final String INPUT_NAMES = "model_input_names";
  private static final String PADDING_SIDE = "padding_side";
  private static final String EXTRA_TOKENS =
      "extra_special_tokens"; // transformers 5 writes a list, 4 an object
  private static final String ADDITIONAL_TOKENS =
      "additional_special_tokens"; // both versions read a list

  /** Keys about the original folder or model, which are removed. */
  private static final Set<String> ELSEWHERE =
      Set.of(
          "added_tokens_decoder", // would lack <image>; tokenizer.json lists all added tokens
          "auto_map",
          "backend",
          "is_local",
          "local_files_only",
          "processor_class");

  /** Default special tokens of each tokenizer class. */
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
   * The rewritten {@code tokenizer_config.json}.
   *
   * @param published the original {@code tokenizer_config.json}
   * @param specialTokensMap the original {@code special_tokens_map.json}, or an empty object
   * @param tokenizer the {@code tokenizer.json} it belongs to
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
    if (!config.hasNonNull(
        INPUT_NAMES)) { // the default would add token_type_ids, which no decoder accepts
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
