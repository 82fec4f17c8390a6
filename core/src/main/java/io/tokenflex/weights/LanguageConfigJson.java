package io.tokenflex.weights;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tokenflex.model.LanguageConfig;

/** The {@code text_config} of a model folder's {@code config.json}, in Hugging Face's terms. */
final class LanguageConfigJson {
  private LanguageConfigJson() {}

  static void write(ObjectNode json, LanguageConfig language) {
    json.put("model_type", "qwen2")
        .put("vocab_size", language.vocabSize())
        .put("hidden_size", language.hiddenSize())
        .put("intermediate_size", language.intermediateSize())
        .put("num_hidden_layers", language.numHiddenLayers())
        .put("num_attention_heads", language.numAttentionHeads())
        .put("num_key_value_heads", language.numKeyValueHeads())
        .put("head_dim", language.headDim())
        .put("max_position_embeddings", language.maxPositionEmbeddings())
        .put("rope_theta", language.ropeTheta())
        .put("rms_norm_eps", language.rmsNormEps())
        .put("hidden_act", "silu")
        .put("tie_word_embeddings", language.tieWordEmbeddings());
  }

  static LanguageConfig read(JsonNode json) {
    return new LanguageConfig(
        json.required("vocab_size").intValue(),
        json.required("hidden_size").intValue(),
        json.required("intermediate_size").intValue(),
        json.required("num_hidden_layers").intValue(),
        json.required("num_attention_heads").intValue(),
        json.required("num_key_value_heads").intValue(),
        json.required("head_dim").intValue(),
        json.required("max_position_embeddings").intValue(),
        json.required("rope_theta").doubleValue(),
        json.required("rms_norm_eps").doubleValue(),
        json.required("tie_word_embeddings").booleanValue());
  }
}
