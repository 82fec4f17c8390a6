package io.tokenflex.convert;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.model.LanguageConfig;
import io.tokenflex.modelfolder.DecoderFamily;
import io.tokenflex.modelfolder.LanguageConfigJson;
import java.util.List;
import java.util.Locale;

/**
 * The {@code config.json} of a published decoder (Qwen2, Qwen2.5, Qwen3, Llama 2 and 3), or the
 * {@code text_config} of a model that contains one.
 *
 * <p>Omitted keys take the defaults of {@code Qwen2Config}, {@code Qwen3Config} and {@code
 * LlamaConfig} in transformers. Settings under which our decoder would compute something else are
 * rejected. Keys that do not affect the forward pass of a given token sequence (dropout, caches,
 * special tokens, names) are ignored.
 */
public final class PretrainedLanguageConfig {
  private static final String TEXT_CONFIG = "text_config";
  private static final String HEADS = "num_attention_heads";
  private static final String KEY_VALUE_HEADS = "num_key_value_heads";
  private static final String HEAD_DIM = "head_dim";

  private PretrainedLanguageConfig() {}

  /**
   * Reads a published configuration.
   *
   * @param place the file's name, for messages
   * @throws IllegalArgumentException naming the unsupported key, its value and the fix
   */
  public static LanguageConfig read(JsonNode config, String place) {
    boolean nested = config.path(TEXT_CONFIG).isObject();
    JsonNode text = nested ? config.get(TEXT_CONFIG) : config;
    try {
      DecoderFamily family = DecoderFamily.ofModelType(text.path("model_type").asText("missing"));
      refuseQuantized(config);
      refuseQuantized(text);
      refuseOtherLayers(text, family);
      refuseSlidingWindow(text);
      return LanguageConfigJson.read(complete(text, family));
    } catch (IllegalArgumentException e) {
      String where = nested ? place + " " + TEXT_CONFIG : place;
      throw new InvalidInputException(
          "%s is no decoder that can be used here: %s".formatted(where, e.getMessage()), e);
    }
  }

  /**
   * Writes the configuration for transformers. Special token ids are written as null, because
   * {@code LlamaConfig} would otherwise default to ids of its own and end every answer at one of
   * them.
   */
  public static ObjectNode write(LanguageConfig language) {
    ObjectNode config = JsonNodeFactory.instance.objectNode();
    for (String token : List.of("bos_token_id", "eos_token_id", "pad_token_id")) {
      config.putNull(token);
    }
    config.putArray("architectures").add(DecoderFamily.of(language).architecture());
    LanguageConfigJson.write(config, language);
    return config;
  }

  private static ObjectNode complete(JsonNode text, DecoderFamily family) {
    ObjectNode complete = defaults(family);
    complete.setAll((ObjectNode) text);
    JsonNode heads = complete.get(HEADS);
    if (!complete.hasNonNull(KEY_VALUE_HEADS)) {
      complete.set(KEY_VALUE_HEADS, heads);
    }
    if (!complete.hasNonNull(HEAD_DIM) && heads.intValue() > 0) {
      complete.put(HEAD_DIM, complete.get("hidden_size").intValue() / heads.intValue());
    }
    if (!LanguageConfigJson.hasRopeTheta(complete)) {
      complete.put("rope_theta", 10_000.0);
    }
    return complete;
  }

  private static ObjectNode defaults(DecoderFamily family) {
    ObjectNode defaults =
        JsonNodeFactory.instance
            .objectNode()
            .put("hidden_size", 4096)
            .put("num_hidden_layers", 32)
            .put(HEADS, 32)
            .put("rms_norm_eps", 1e-6)
            .put("tie_word_embeddings", false);
    return switch (family) {
      case QWEN2 -> qwen(defaults);
      case QWEN3 -> qwen(defaults).put(HEAD_DIM, 128);
      case LLAMA ->
          defaults
              .put("vocab_size", 32_000)
              .put("intermediate_size", 11_008)
              .put("max_position_embeddings", 2048);
    };
  }

  private static ObjectNode qwen(ObjectNode defaults) {
    return defaults
        .put("vocab_size", 151_936)
        .put("intermediate_size", 22_016)
        .put(KEY_VALUE_HEADS, 32)
        .put("max_position_embeddings", 32_768);
  }

  private static void refuseQuantized(JsonNode config) {
    if (config.hasNonNull("quantization_config")) {
      throw new InvalidInputException(
          "quantization_config is %s; expected none: take the model that it was made from"
              .formatted(config.get("quantization_config")));
    }
  }

  private static void refuseOtherLayers(JsonNode text, DecoderFamily family) {
    String activation = text.path("hidden_act").asText("silu");
    if (!activation.equals("silu")) {
      throw refused("hidden_act", activation, "silu");
    }
    // Qwen2 always has biases on q, k and v and none on the output projection, whatever this key
    // says
    if (family != DecoderFamily.QWEN2 && text.path("attention_bias").asBoolean(false)) {
      throw refused("attention_bias", "true", "false");
    }
    if (text.path("mlp_bias").asBoolean(false)) {
      throw refused("mlp_bias", "true", "false");
    }
    double rotated = text.path("partial_rotary_factor").asDouble(1);
    if (rotated != 1) {
      throw refused("partial_rotary_factor", Double.toString(rotated), "1");
    }
  }

  /**
   * Rejects sliding-window attention, given by {@code layer_types} or from {@code
   * max_window_layers} on.
   */
  private static void refuseSlidingWindow(JsonNode text) {
    for (JsonNode type : text.path("layer_types")) {
      if (!type.asText().equals("full_attention")) {
        throw refused("layer_types", type.asText(), "full_attention");
      }
    }
    boolean asked = text.path("use_sliding_window").asBoolean(false);
    boolean hasWindow = !text.has("sliding_window") || text.hasNonNull("sliding_window");
    int firstSliding = text.path("max_window_layers").asInt(28);
    int layers = text.path("num_hidden_layers").asInt(32);
    if (asked && hasWindow && firstSliding < layers && !text.path("layer_types").isArray()) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "use_sliding_window is true from layer %d of %d on; expected full attention: set it to"
                  + " false to attend to everything, which is the same for sequences within"
                  + " sliding_window",
              firstSliding,
              layers));
    }
  }

  private static IllegalArgumentException refused(String key, String value, String expected) {
    return new InvalidInputException(
        "%s is %s; expected %s: take a model that has it so".formatted(key, value, expected));
  }
}
