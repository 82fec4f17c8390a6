package io.tokenflex.modelfolder;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tokenflex.model.LanguageConfig;
import io.tokenflex.model.RopeScaling;

/**
 * The {@code text_config} of a model folder's {@code config.json}, in the format of the
 * transformers configuration class of the {@linkplain DecoderFamily family}.
 *
 * <p>With dynamic rope scaling, {@code max_position_embeddings} is the original length, as in
 * transformers; sequences may be up to that length times the scaling factor, unless {@code
 * tokenflex_max_position_embeddings} gives another limit.
 */
public final class LanguageConfigJson {
  static final String MAX_POSITIONS = "max_position_embeddings";
  private static final String OWN_MAX_POSITIONS = "tokenflex_max_position_embeddings";

  private LanguageConfigJson() {}

  /** Adds all keys to {@code json}. */
  public static void write(ObjectNode json, LanguageConfig language) {
    json.put("model_type", DecoderFamily.of(language).modelType())
        .put("vocab_size", language.vocabSize())
        .put("hidden_size", language.hiddenSize())
        .put("intermediate_size", language.intermediateSize())
        .put("num_hidden_layers", language.numHiddenLayers())
        .put("num_attention_heads", language.numAttentionHeads())
        .put("num_key_value_heads", language.numKeyValueHeads())
        .put("head_dim", language.headDim())
        .put(MAX_POSITIONS, language.maxPositionEmbeddings())
        .put("rope_theta", language.ropeTheta())
        .put("rms_norm_eps", language.rmsNormEps())
        .put("hidden_act", "silu")
        .put("tie_word_embeddings", language.tieWordEmbeddings());
    RopeScalingJson.write(json, language.ropeScaling());
    if (language.ropeScaling() instanceof RopeScaling.Dynamic dynamic) {
      json.put(MAX_POSITIONS, dynamic.originalMaxPositionEmbeddings());
      if (language.maxPositionEmbeddings() != dynamic.extendedMaxPositionEmbeddings()) {
        json.put(OWN_MAX_POSITIONS, language.maxPositionEmbeddings());
      }
    }
  }

  /**
   * Reads what {@link #write} wrote; all keys are required.
   *
   * @throws IllegalArgumentException naming the missing or invalid key
   */
  public static LanguageConfig read(JsonNode json) {
    DecoderFamily family = DecoderFamily.ofModelType(JsonKeys.text(json, "model_type"));
    RopeScaling ropeScaling = RopeScalingJson.read(json);
    return new LanguageConfig(
        JsonKeys.integer(json, "vocab_size"),
        JsonKeys.integer(json, "hidden_size"),
        JsonKeys.integer(json, "intermediate_size"),
        JsonKeys.integer(json, "num_hidden_layers"),
        JsonKeys.integer(json, "num_attention_heads"),
        JsonKeys.integer(json, "num_key_value_heads"),
        JsonKeys.integer(json, "head_dim"),
        maxPositions(json, ropeScaling),
        RopeScalingJson.readTheta(json),
        JsonKeys.decimal(json, "rms_norm_eps"),
        JsonKeys.flag(json, "tie_word_embeddings"),
        family.qkvBias(),
        family.qkNorm(),
        ropeScaling);
  }

  /** Whether the configuration contains {@code rope_theta}, in any of its locations. */
  public static boolean hasRopeTheta(JsonNode json) {
    return RopeScalingJson.hasTheta(json);
  }

  private static int maxPositions(JsonNode json, RopeScaling ropeScaling) {
    if (json.has(OWN_MAX_POSITIONS)) {
      return JsonKeys.integer(json, OWN_MAX_POSITIONS);
    }
    return ropeScaling instanceof RopeScaling.Dynamic dynamic
        ? dynamic.extendedMaxPositionEmbeddings()
        : JsonKeys.integer(json, MAX_POSITIONS);
  }
}
