package io.tokenflex.modelfolder;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.model.RopeScaling;
import io.tokenflex.safetensors.Listed;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Rotary position embeddings in {@code config.json}. Reads both layouts: {@code rope_theta} beside
 * {@code rope_scaling} (transformers 4), or both in {@code rope_parameters} (transformers 5).
 * Writes the former, which both versions read.
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

  private static final String PARTIAL = "partial_rotary_factor";
  private static final String FULL_ATTENTION = "full_attention";
  private static final Set<String> LAYER_TYPES =
      Set.of(FULL_ATTENTION, "sliding_attention", "chunked_attention", "linear_attention");
  private static final List<String> SECTIONS = List.of(SCALING, PARAMETERS);

  private RopeScalingJson() {}

  /** Whether the configuration contains {@code rope_theta}, in any of its locations. */
  static boolean hasTheta(JsonNode config) {
    return !thetas(config).isEmpty();
  }

  /**
   * Reads {@code rope_theta}.
   *
   * @throws InvalidInputException if it is missing, or if its locations differ: transformers 4 and
   *     5 would each use another one
   */
  static double readTheta(JsonNode config) {
    Map<String, Double> thetas = thetas(config);
    if (thetas.isEmpty()) {
      return JsonKeys.decimal(config, THETA); // throws, naming the missing key
    }
    if (Set.copyOf(thetas.values()).size() > 1) {
      throw new InvalidInputException(
          "the configuration says " + thetas + "; transformers 4 and 5 differ: keep the right one");
    }
    return thetas.values().iterator().next();
  }

  private static Map<String, Double> thetas(JsonNode config) {
    Map<String, Double> thetas = new TreeMap<>();
    if (config.hasNonNull(THETA)) {
      thetas.put(THETA, JsonKeys.decimal(config, THETA));
    }
    for (String section : SECTIONS) {
      section(config, section)
          .filter(json -> json.hasNonNull(THETA))
          .ifPresent(json -> thetas.put(section + "." + THETA, JsonKeys.decimal(json, THETA)));
    }
    return thetas;
  }

  /**
   * Reads the rope scaling.
   *
   * @throws InvalidInputException if its type is unsupported, or if the two layouts differ:
   *     transformers 4 and 5 would each use another one
   */
  static RopeScaling read(JsonNode config) {
    Map<String, RopeScaling> said = new TreeMap<>();
    for (String section : SECTIONS) {
      section(config, section).ifPresent(json -> said.put(section, read(config, section, json)));
    }
    if (Set.copyOf(said.values()).size() > 1) {
      throw new InvalidInputException(
          "the configuration says " + said + "; transformers 4 and 5 differ: keep the right one");
    }
    return said.isEmpty() ? new RopeScaling.None() : said.values().iterator().next();
  }

  /**
   * The section of one layout. transformers 5 may nest it by layer type; only full attention is
   * supported.
   */
  private static Optional<JsonNode> section(JsonNode config, String name) {
    JsonNode section = config.path(name);
    if (!section.isObject() || section.isEmpty()) {
      return Optional.empty();
    }
    boolean isNested =
        !section.has(TYPE)
            && !section.has(OLD_TYPE)
            && section.properties().stream()
                .anyMatch(entry -> LAYER_TYPES.contains(entry.getKey()));
    if (!isNested) {
      return Optional.of(section);
    }
    if (!section.path(FULL_ATTENTION).isObject()) {
      throw new InvalidInputException(
          "%s is %s; expected %s among its layer types"
              .formatted(name, Listed.bounded(section.toString()), FULL_ATTENTION));
    }
    return Optional.of(section.get(FULL_ATTENTION));
  }

  private static RopeScaling read(JsonNode config, String section, JsonNode scaling) {
    if (scaling.path(PARTIAL).asDouble(1) != 1) {
      throw new InvalidInputException(
          "%s.%s is %s; expected 1: take a model that has it so"
              .formatted(section, PARTIAL, scaling.get(PARTIAL)));
    }
    JsonNode original = config.path(ORIGINAL_LENGTH);
    if (original.isNumber()
        && scaling.has(ORIGINAL_LENGTH)
        && !original.equals(scaling.get(ORIGINAL_LENGTH))) {
      throw new InvalidInputException(
          "%s is %s and %s.%s is %s; transformers 4 and 5 differ: keep the right one"
              .formatted(
                  ORIGINAL_LENGTH,
                  original,
                  section,
                  ORIGINAL_LENGTH,
                  scaling.get(ORIGINAL_LENGTH)));
    }
    String typeKey = scaling.has(TYPE) ? TYPE : OLD_TYPE;
    String type =
        scaling.has(typeKey) || section.equals(SCALING)
            ? JsonKeys.text(scaling, typeKey)
            : "default";
    return switch (type) {
      case "default" -> new RopeScaling.None();
      case "linear" -> new RopeScaling.Linear(JsonKeys.decimal(scaling, FACTOR));
      // for dynamic scaling, transformers takes the original length from max_position_embeddings
      // alone
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
