package io.tokenflex.weights;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tokenflex.model.VisionConfig;

/** The {@code vision_config} of a model folder's {@code config.json}, in Hugging Face's terms. */
final class VisionConfigJson {
  private VisionConfigJson() {}

  static void write(ObjectNode json, VisionConfig vision) {
    json.put("model_type", "siglip_vision_model")
        .put("hidden_size", vision.hiddenSize())
        .put("intermediate_size", vision.intermediateSize())
        .put("num_hidden_layers", vision.numHiddenLayers())
        .put("num_attention_heads", vision.numAttentionHeads())
        .put("num_channels", VisionConfig.NUM_CHANNELS)
        .put("image_size", vision.imageSize())
        .put("patch_size", vision.patchSize())
        .put("hidden_act", "gelu_pytorch_tanh")
        .put("layer_norm_eps", vision.layerNormEps())
        .put("vision_use_head", false);
  }

  static VisionConfig read(JsonNode json) {
    return new VisionConfig(
        json.required("hidden_size").intValue(),
        json.required("intermediate_size").intValue(),
        json.required("num_hidden_layers").intValue(),
        json.required("num_attention_heads").intValue(),
        json.required("image_size").intValue(),
        json.required("patch_size").intValue(),
        json.required("layer_norm_eps").doubleValue());
  }
}
