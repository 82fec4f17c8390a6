package io.tokenflex.weights;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.model.RopeScaling;

/**
 * What a {@code config.json} says about rotary position embeddings, in both spellings: {@code
 * rope_theta} beside {@code rope_scaling}, or both in {@code rope_parameters}. Written is the
 * first, which old and new versions of transformers read.
 */
final class RopeScalingJson {
  private static final String SCALING = "rope_scaling";
  private static final String PARAMETERS = "rope_parameters";
  private static final String THETA = "rope_theta";
  private static final String TYPE = "rope_type";
  private static final String OLD_TYPE = "type";
  private static final String FACTOR = "factor";
  private static final String LOW_FREQ_FACTOR = "low_freq_factor";
  private static final String HIGH_FREQ_FACTOR = "high_freq_factor";
  private static final String ORIGINAL_LENGTH = "original_max_position_embeddings";

  private RopeScalingJson() {}

  static double readTheta(JsonNode config) {
    JsonNode parameters = config.path(PARAMETERS);
    return JsonKeys.decimal(parameters.has(THETA) ? parameters : config, THETA);
  }

  /**
   * The scaling of a model.
   *
   * @throws IllegalArgumentException if it is of another kind
   */
  static RopeScaling read(JsonNode config) {
    String section = config.path(PARAMETERS).isObject() ? PARAMETERS : SCALING;
    JsonNode scaling = config.path(section);
    if (scaling.isMissingNode() || scaling.isNull()) {
      return new RopeScaling.None();
    }
    String typeKey = scaling.has(TYPE) ? TYPE : OLD_TYPE;
    String type =
        scaling.has(typeKey) || section.equals(SCALING)
            ? JsonKeys.text(scaling, typeKey)
            : "default";
    return switch (type) {
      case "default" -> new RopeScaling.None();
      case "linear" -> new RopeScaling.Linear(JsonKeys.decimal(scaling, FACTOR));
      // transformers takes the original length of dynamic scaling from here, whatever else is said
      case "dynamic" ->
          new RopeScaling.Dynamic(
              JsonKeys.decimal(scaling, FACTOR),
              JsonKeys.integer(config, LanguageConfigJson.MAX_POSITIONS));
      case "llama3" ->
          new RopeScaling.Llama3(
              JsonKeys.decimal(scaling, FACTOR),
              JsonKeys.decimal(scaling, LOW_FREQ_FACTOR),
              JsonKeys.decimal(scaling, HIGH_FREQ_FACTOR),
              JsonKeys.integer(scaling, ORIGINAL_LENGTH));
      default ->
          throw new InvalidInputException(
              "%s.%s is %s; expected default, linear, dynamic or llama3: take a model without it, or"
                      .formatted(section, typeKey, type)
                  + " remove "
                  + section
                  + " to use the model within its original length");
    };
  }

  static void write(ObjectNode config, RopeScaling scaling) {
    if (scaling instanceof RopeScaling.Linear linear) {
      config.putObject(SCALING).put(TYPE, "linear").put(FACTOR, linear.factor());
    } else if (scaling instanceof RopeScaling.Dynamic dynamic) {
      config.putObject(SCALING).put(TYPE, "dynamic").put(FACTOR, dynamic.factor());
    } else if (scaling instanceof RopeScaling.Llama3 llama3) {
      config
          .putObject(SCALING)
          .put(TYPE, "llama3")
          .put(FACTOR, llama3.factor())
          .put(LOW_FREQ_FACTOR, llama3.lowFreqFactor())
          .put(HIGH_FREQ_FACTOR, llama3.highFreqFactor())
          .put(ORIGINAL_LENGTH, llama3.originalMaxPositionEmbeddings());
    }
  }
}
