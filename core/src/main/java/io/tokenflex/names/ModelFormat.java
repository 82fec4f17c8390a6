package io.tokenflex.names;

import com.fasterxml.jackson.databind.JsonNode;
import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.model.Pooling;
import io.tokenflex.model.VisionConfig;
import java.util.Arrays;
import java.util.Optional;

/**
 * Formats of whole vision-language models: the keys of tower and language model in {@code
 * config.json}, the prefixes of their tensors, and whether the projector can be imported.
 */
public enum ModelFormat {
  /** OpenGVLab's InternVL 1.5 to 3; its pixel-unshuffle projector is not imported. */
  INTERNVL_CHAT("internvl_chat", "llm_config", "select_layer", -1, Optional.empty()) {
    @Override
    public NameTable names(NameTable vision, NameTable language) {
      return vision.below(VISION).and(language.below(LANGUAGE)).and(unused("mlp1.*"));
    }
  },

  /** InternVL in transformers, with both prefix conventions. */
  INTERNVL("internvl", "text_config", "vision_feature_layer", -1, Optional.empty()) {
    @Override
    public NameTable names(NameTable vision, NameTable language) {
      return ported(vision, language);
    }
  },

  /** LLaVA in transformers, with both prefix conventions; its projector is not imported. */
  LLAVA("llava", "text_config", "vision_feature_layer", -2, Optional.empty()) {
    @Override
    public NameTable names(NameTable vision, NameTable language) {
      return ported(vision, language);
    }
  },

  /** LiAutoAD's Ristretto-3B, the published relative of TokenFLEX. */
  RISTRETTO("ristretto", "llm_config", "select_layer", -1, Optional.of(Pooling.INTERPOLATED)) {
    @Override
    public NameTable names(NameTable vision, NameTable language) {
      return vision.below(VISION).and(language.below(LANGUAGE)).and(projector("projector.mlp."));
    }
  },

  /** The format of an exported whole model. */
  TOKENFLEX("tokenflex", "text_config", "vision_feature_layer", -1, Optional.of(Pooling.ADAPTIVE)) {
    @Override
    public NameTable names(NameTable vision, NameTable language) {
      return vision.below(VISION).and(language.below(LANGUAGE)).and(projector(PROJECTOR));
    }
  };

  public static final String VISION = "vision_model.";
  public static final String LANGUAGE = "language_model.";
  public static final String PROJECTOR = "projector.";

  private final String modelType;
  private final String languageKey;
  private final String featureLayerKey;
  private final int defaultFeatureLayer;
  private final Optional<Pooling> projectorPooling;

  ModelFormat(
      String modelType,
      String languageKey,
      String featureLayerKey,
      int defaultFeatureLayer,
      Optional<Pooling> projectorPooling) {
    this.modelType = modelType;
    this.languageKey = languageKey;
    this.featureLayerKey = featureLayerKey;
    this.defaultFeatureLayer = defaultFeatureLayer;
    this.projectorPooling = projectorPooling;
  }

  /**
   * The format given by {@code model_type} in {@code config.json}.
   *
   * @throws IllegalArgumentException naming the supported types
   */
  public static ModelFormat of(JsonNode config, String place) {
    String modelType = config.path("model_type").asText("missing");
    return Arrays.stream(values())
        .filter(format -> format.modelType.equals(modelType))
        .findFirst()
        .orElseThrow(
            () ->
                new InvalidInputException(
                    "%s: model_type is %s; expected a vision-language model of %s. A vision tower and a language model of their own are imported with --vision and --language"
                        .formatted(
                            place,
                            modelType,
                            Arrays.stream(values()).map(format -> format.modelType).toList())));
  }

  public String modelType() {
    return modelType;
  }

  /** Pooling of the projector; empty if the projector is not imported. */
  public Optional<Pooling> projectorPooling() {
    return projectorPooling;
  }

  /** Name table of the whole model, given those of tower and language model. */
  public abstract NameTable names(NameTable vision, NameTable language);

  /** The language model's section of {@code config.json}. */
  public JsonNode languageConfig(JsonNode config, String place) {
    JsonNode language = config.path(languageKey);
    if (!language.isObject()) {
      throw new InvalidInputException(
          "%s has no %s; a model of type %s has one".formatted(place, languageKey, modelType));
    }
    return language;
  }

  /**
   * Whether the surrounding configuration ties the LM head to the embedding table. Only
   * transformers' ports keep the LM head outside the language model; InternVL ties by default.
   */
  public boolean isTied(JsonNode config) {
    return switch (this) {
      case LLAVA -> config.path("tie_word_embeddings").asBoolean(false);
      case INTERNVL -> config.path("tie_word_embeddings").asBoolean(true);
      default -> false;
    };
  }

  /** The tower with the feature layer that the model's configuration selects. */
  public VisionConfig withFeatureLayer(VisionConfig vision, JsonNode config, String place) {
    JsonNode layer = config.path(featureLayerKey);
    if (!layer.isMissingNode() && !layer.isNull() && !layer.isInt()) {
      throw new InvalidInputException(
          "%s: %s is %s; expected one layer".formatted(place, featureLayerKey, layer));
    }
    String strategy = config.path("vision_feature_select_strategy").asText("default");
    if (!strategy.equals("default") && vision.numLeadingTokens() > 0) {
      throw new InvalidInputException(
          "%s: vision_feature_select_strategy is %s; expected default, which leaves the class token behind"
              .formatted(place, strategy));
    }
    int featureLayer = layer.asInt(defaultFeatureLayer);
    boolean isLastHiddenState = this == LLAVA && featureLayer == VisionConfig.LAST_LAYER;
    // For LLaVA, -1 is the output of the last layer without the final norm.
    return vision.withFeatureLayer(isLastHiddenState ? vision.numHiddenLayers() : featureLayer);
  }

  private static NameTable ported(NameTable vision, NameTable language) {
    return vision
        .below("vision_tower.")
        .and(vision.below("model.vision_tower."))
        .and(language.below(LANGUAGE))
        .and(
            language.renamed(
                name ->
                    name.startsWith("model.")
                        ? "model.language_model." + name.substring("model.".length())
                        : name))
        .and(unused("multi_modal_projector.*"))
        .and(unused("model.multi_modal_projector.*"));
  }

  private static NameTable projector(String published) {
    NameTable.Builder table = NameTable.builder();
    for (String layer : new String[] {"layernorm", "f1", "f2", "g"}) {
      table.weightAndBias(published + layer, PROJECTOR + layer);
    }
    return table.build();
  }

  private static NameTable unused(String published) {
    return NameTable.builder().unused(published).build();
  }
}
