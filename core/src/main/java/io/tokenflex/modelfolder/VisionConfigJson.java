package io.tokenflex.modelfolder;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.model.VisionActivation;
import io.tokenflex.model.VisionConfig;
import io.tokenflex.model.VisionFamily;
import io.tokenflex.model.VisionNorm;
import java.util.Locale;

/**
 * The {@code vision_config} of a model folder's {@code config.json}, in the format of Hugging
 * Face's {@code SiglipVisionConfig} and {@code InternVLVisionConfig}.
 *
 * <p>Old folders lack {@code norm_type}, {@code attention_bias}, {@code use_qk_norm} and {@code
 * feature_layer}; the defaults are SigLIP's.
 */
final class VisionConfigJson {
  private VisionConfigJson() {}

  static void write(ObjectNode json, VisionConfig vision) {
    json.put("model_type", modelType(vision.family()))
        .put("hidden_size", vision.hiddenSize())
        .put("intermediate_size", vision.intermediateSize())
        .put("num_hidden_layers", vision.numHiddenLayers())
        .put("num_attention_heads", vision.numAttentionHeads())
        .put("num_channels", VisionConfig.NUM_CHANNELS)
        .put("image_size", vision.imageSize())
        .put("patch_size", vision.patchSize())
        .put("hidden_act", vision.hiddenAct().hiddenAct())
        .put("layer_norm_eps", vision.layerNormEps())
        .put("norm_type", vision.normType().name().toLowerCase(Locale.ROOT))
        .put("attention_bias", vision.attentionBias())
        .put("use_qk_norm", vision.useQkNorm())
        .put("feature_layer", vision.featureLayer())
        .put("vision_use_head", false);
  }

  static VisionConfig read(JsonNode json) {
    return new VisionConfig(
        family(json.path("model_type").asText(modelType(VisionFamily.SIGLIP))),
        json.required("hidden_size").intValue(),
        json.required("intermediate_size").intValue(),
        json.required("num_hidden_layers").intValue(),
        json.required("num_attention_heads").intValue(),
        json.required("image_size").intValue(),
        json.required("patch_size").intValue(),
        json.required("layer_norm_eps").doubleValue(),
        activation(json.path("hidden_act").asText(VisionActivation.GELU_TANH.hiddenAct())),
        VisionNorm.valueOf(json.path("norm_type").asText("layer_norm").toUpperCase(Locale.ROOT)),
        json.path("attention_bias").asBoolean(true),
        json.path("use_qk_norm").asBoolean(false),
        json.path("feature_layer").asInt(VisionConfig.LAST_LAYER));
  }

  private static String modelType(VisionFamily family) {
    return switch (family) {
      case SIGLIP -> "siglip_vision_model";
      case CLIP -> "clip_vision_model";
      case INTERNVIT -> "internvl_vision";
    };
  }

  private static VisionFamily family(String modelType) {
    for (VisionFamily family : VisionFamily.values()) {
      if (modelType(family).equals(modelType)) {
        return family;
      }
    }
    throw new InvalidInputException(
        ("vision_config.model_type is %s; expected siglip_vision_model, clip_vision_model or"
                + " internvl_vision")
            .formatted(modelType));
  }

  private static VisionActivation activation(String hiddenAct) {
    return VisionActivation.of(hiddenAct)
        .orElseThrow(
            () ->
                new InvalidInputException(
                    "vision_config.hidden_act is %s; expected gelu_pytorch_tanh, gelu or quick_gelu"
                        .formatted(hiddenAct)));
  }
}
