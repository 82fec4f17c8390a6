package io.tokenflex.convert;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.model.VisionActivation;
import io.tokenflex.model.VisionConfig;
import io.tokenflex.model.VisionNorm;
import io.tokenflex.names.VisionFormat;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Reads and writes the {@code config.json} of a published vision tower.
 *
 * <p>Accepts the tower's own file or that of the surrounding model ({@code vision_config}). Omitted
 * keys take the defaults of the family's configuration class, which {@link VisionFormat} lists.
 * Dropout and weight initialization are ignored.
 */
public final class PretrainedVisionConfig {
  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * Format of a tower whose {@code vision_config} has no {@code model_type}, by the type of the
   * surrounding model.
   */
  private static final Map<String, VisionFormat> TOWER_OF_MODEL =
      Map.of(
          "siglip", VisionFormat.SIGLIP,
          "clip", VisionFormat.CLIP,
          "internvl_chat", VisionFormat.INTERNVIT,
          "internvl", VisionFormat.INTERNVL);

  private static final String NAFLEX = "siglip2";

  private final JsonNode values;

  private PretrainedVisionConfig(JsonNode values) {
    this.values = values;
  }

  /**
   * The format of the vision tower in a {@code config.json}.
   *
   * @param place the file's name, for messages
   * @throws IllegalArgumentException if its {@code model_type} is not one of {@link VisionFormat}
   */
  public static VisionFormat format(JsonNode config, String place) {
    String own = tower(config).path("model_type").asText("");
    String modelType = own.isEmpty() ? config.path("model_type").asText("") : own;
    return VisionFormat.ofModelType(modelType)
        .or(() -> Optional.ofNullable(TOWER_OF_MODEL.get(modelType)))
        .orElseThrow(
            () ->
                new InvalidInputException(
                    "%s: model_type is \"%s\"; expected a vision tower of %s%s"
                        .formatted(
                            place,
                            modelType,
                            Arrays.stream(VisionFormat.values())
                                .map(VisionFormat::modelType)
                                .toList(),
                            modelType.startsWith(NAFLEX)
                                ? ". NaFlex towers take pictures of any shape; take a SigLIP 2 of"
                                    + " fixed resolution, whose model_type is siglip"
                                : "")));
  }

  /**
   * Reads the vision tower of a {@code config.json}; the feature layer is the last one.
   *
   * @param place the file's name, for messages
   * @throws IllegalArgumentException naming the unsupported key and value
   */
  public static VisionConfig read(JsonNode config, String place) {
    VisionFormat format = format(config, place);
    ObjectNode values = defaults(format);
    for (Map.Entry<String, JsonNode> entry : tower(config).properties()) {
      if (!entry.getValue().isNull()) {
        values.set(entry.getKey(), entry.getValue());
      }
    }
    try {
      return new PretrainedVisionConfig(values).read(format);
    } catch (IllegalArgumentException e) {
      throw new InvalidInputException(place + ": " + e.getMessage(), e);
    }
  }

  private VisionConfig read(VisionFormat format) {
    require("num_channels", VisionConfig.NUM_CHANNELS, integer("num_channels"));
    String hiddenAct = values.path("hidden_act").asText();
    VisionActivation activation =
        VisionActivation.of(hiddenAct)
            .filter(format.family().activations()::contains)
            .orElseThrow(
                () ->
                    refusal(
                        "hidden_act",
                        format.family().activations().stream()
                            .map(VisionActivation::hiddenAct)
                            .toList()));
    VisionNorm norm = VisionNorm.LAYER_NORM;
    boolean attentionBias = true;
    boolean useQkNorm = false;
    switch (format) {
      case SIGLIP, CLIP -> {}
      case INTERNVIT -> {
        norm = norm();
        attentionBias = flag("qkv_bias");
        useQkNorm = flag("qk_normalization");
      }
      case INTERNVL -> {
        norm = norm();
        attentionBias = flag("attention_bias");
        useQkNorm = flag("use_qk_norm");
        require("use_mask_token", false, flag("use_mask_token"));
        require("use_absolute_position_embeddings", true, flag("use_absolute_position_embeddings"));
        require(
            "use_mean_pooling",
            true,
            flag("use_mean_pooling")); // with false, the tower ends with a norm that we do not
        // implement
        if (useQkNorm) { // transformers' InternVL fixes the epsilon of the query and key norms
          require("layer_norm_eps", 1e-6, number("layer_norm_eps"));
        }
      }
    }
    return new VisionConfig(
        format.family(),
        integer("hidden_size"),
        integer("intermediate_size"),
        integer("num_hidden_layers"),
        integer("num_attention_heads"),
        side("image_size"),
        side("patch_size"),
        number("layer_norm_eps"),
        activation,
        norm,
        attentionBias,
        useQkNorm,
        VisionConfig.LAST_LAYER);
  }

  /**
   * Writes a vision tower's {@code config.json} with all its layers, including those above the
   * feature layer.
   *
   * @throws IllegalArgumentException if the tower does not belong to the format's family
   */
  public static ObjectNode write(VisionFormat format, VisionConfig vision) {
    if (format.family() != vision.family()) {
      throw new InvalidInputException(
          "A tower of %s cannot be written as %s; take a format of its family"
              .formatted(vision.family(), format.modelType()));
    }
    ObjectNode json = defaults(format);
    json.put("model_type", format.modelType())
        .put("hidden_size", vision.hiddenSize())
        .put("intermediate_size", vision.intermediateSize())
        .put("num_hidden_layers", vision.numHiddenLayers())
        .put("num_attention_heads", vision.numAttentionHeads())
        .put("image_size", vision.imageSize())
        .put("patch_size", vision.patchSize())
        .put("hidden_act", vision.hiddenAct().hiddenAct())
        .put("layer_norm_eps", vision.layerNormEps());
    String normType = vision.normType().name().toLowerCase(Locale.ROOT);
    switch (format) {
      case SIGLIP -> json.put("vision_use_head", false); // the pooling head is not imported
      case CLIP -> {}
      case INTERNVIT ->
          json.put("norm_type", normType)
              .put("qkv_bias", vision.attentionBias())
              .put("qk_normalization", vision.useQkNorm());
      case INTERNVL -> {
        json.put("norm_type", normType)
            .put("attention_bias", vision.attentionBias())
            .put("use_qk_norm", vision.useQkNorm());
        for (String key : List.of("image_size", "patch_size")) {
          int side = json.get(key).intValue();
          json.putArray(key).add(side).add(side);
        }
      }
    }
    return json;
  }

  // old CLIP folders have a vision_config_dict, which transformers prefers to vision_config
  private static JsonNode tower(JsonNode config) {
    JsonNode old = config.path("vision_config_dict");
    JsonNode nested = old.isObject() ? old : config.path("vision_config");
    return nested.isObject() ? nested : config;
  }

  private static ObjectNode defaults(VisionFormat format) {
    try {
      return (ObjectNode) JSON.readTree(format.defaults());
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("Defaults of " + format, e);
    }
  }

  private int integer(String key) {
    if (!values.path(key).isInt()) {
      throw refusal(key, "a whole number");
    }
    return values.get(key).intValue();
  }

  private double number(String key) {
    if (!values.path(key).isNumber() || !Double.isFinite(values.path(key).doubleValue())) {
      throw refusal(key, "a number");
    }
    return values.get(key).doubleValue();
  }

  private boolean flag(String key) {
    if (!values.path(key).isBoolean()) {
      throw refusal(key, "true or false");
    }
    return values.get(key).booleanValue();
  }

  /** A number, or a pair of equal numbers. */
  private int side(String key) {
    JsonNode value = values.path(key);
    if (value.isArray()) {
      if (value.size() != 2 || !value.get(0).isInt() || !value.get(0).equals(value.get(1))) {
        throw refusal(key, "a square");
      }
      return value.get(0).intValue();
    }
    return integer(key);
  }

  private VisionNorm norm() {
    String name = values.path("norm_type").asText();
    for (VisionNorm norm : VisionNorm.values()) {
      if (norm.name().toLowerCase(Locale.ROOT).equals(name)) {
        return norm;
      }
    }
    throw refusal("norm_type", "layer_norm or rms_norm");
  }

  private void require(String key, Object expected, Object actual) {
    if (!expected.equals(actual)) {
      throw refusal(key, expected);
    }
  }

  private IllegalArgumentException refusal(String key, Object expected) {
    return new InvalidInputException(
        "%s is %s, which is not supported; expected %s".formatted(key, values.path(key), expected));
  }
}
