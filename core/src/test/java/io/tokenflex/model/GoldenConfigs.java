package io.tokenflex.model;

import com.fasterxml.jackson.databind.JsonNode;

/** Reads our configuration records from the Hugging Face configs stored beside the goldens. */
final class GoldenConfigs {
  private GoldenConfigs() {}

  static VisionConfig vision(JsonNode json) {
    return new VisionConfig(
        json.get("hidden_size").intValue(),
        json.get("intermediate_size").intValue(),
        json.get("num_hidden_layers").intValue(),
        json.get("num_attention_heads").intValue(),
        json.get("image_size").intValue(),
        json.get("patch_size").intValue(),
        json.get("layer_norm_eps").doubleValue());
  }

  static LanguageConfig language(JsonNode json) {
    return new LanguageConfig(
        json.get("vocab_size").intValue(),
        json.get("hidden_size").intValue(),
        json.get("intermediate_size").intValue(),
        json.get("num_hidden_layers").intValue(),
        json.get("num_attention_heads").intValue(),
        json.get("num_key_value_heads").intValue(),
        json.get("hidden_size").intValue() / json.get("num_attention_heads").intValue(),
        json.get("max_position_embeddings").intValue(),
        json.get("rope_theta").doubleValue(),
        json.get("rms_norm_eps").doubleValue(),
        json.get("tie_word_embeddings").booleanValue());
  }

  static ModelConfig model(JsonNode json) {
    VisionConfig vision = vision(json.get("vision_config"));
    return new ModelConfig(
        vision,
        new ProjectorConfig(
            3 * vision.hiddenSize(),
            json.get("projector_config").get("layer_norm_eps").asDouble(),
            Pooling.ADAPTIVE),
        language(json.get("language_config")));
  }
}
