package io.tokenflex.modelfolder;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tokenflex.failure.DamagedDataException;
import io.tokenflex.model.ModelConfig;
import io.tokenflex.model.Pooling;
import io.tokenflex.model.ProjectorConfig;
import io.tokenflex.tokens.VisionTokenCount;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.stream.StreamSupport;

/** The JSON files of a model folder, in Hugging Face's formats. */
public final class ModelFiles {
  public static final String CONFIG = "config.json";
  public static final String WEIGHTS = "model.safetensors";
  public static final String TOKENIZER = "tokenizer.json";
  public static final String PREPROCESSOR = "preprocessor_config.json";
  public static final String GENERATION = "generation_config.json";

  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  private ModelFiles() {}

  /**
   * Numbers of vision tokens that a model was trained at, ascending; empty if {@code config.json}
   * does not say.
   *
   * @param location for messages
   */
  public static List<Integer> trainedCounts(byte[] config, String location) throws IOException {
    try {
      return StreamSupport.stream(
              JSON.readTree(config).path("vision_token_counts").spliterator(), false)
          .map(JsonNode::intValue)
          .sorted()
          .toList();
    } catch (JsonProcessingException e) {
      throw new DamagedDataException(location + " is no JSON: " + e.getOriginalMessage(), e);
    }
  }

  /** Serializes {@code config.json}. */
  public static byte[] config(
      ModelConfig model, long imageTokenId, List<VisionTokenCount> trainedCounts)
      throws IOException {
    ObjectNode root = JSON.createObjectNode();
    root.put("model_type", "tokenflex");
    root.put("image_token_id", imageTokenId);
    trainedCounts.forEach(
        count -> root.withArray("vision_token_counts").add(count.numVisionTokens()));
    VisionConfigJson.write(root.putObject("vision_config"), model.vision());
    root.putObject("projector_config")
        .put("intermediate_size", model.projector().intermediateSize())
        .put("layer_norm_eps", model.projector().layerNormEps())
        .put("pooling", model.projector().pooling().name().toLowerCase(Locale.ROOT));
    LanguageConfigJson.write(root.putObject("text_config"), model.language());
    return JSON.writeValueAsBytes(root);
  }

  /**
   * Parses {@code config.json}.
   *
   * @param place the file's name, for messages
   * @throws IOException naming the missing key
   */
  public static ModelConfig readConfig(byte[] json, String place) throws IOException {
    try {
      JsonNode root = JSON.readTree(json);
      JsonNode projector = root.required("projector_config");
      return new ModelConfig(
          VisionConfigJson.read(root.required("vision_config")),
          new ProjectorConfig(
              projector.required("intermediate_size").intValue(),
              projector.required("layer_norm_eps").doubleValue(),
              Pooling.of(projector.path("pooling").asText("adaptive"))),
          LanguageConfigJson.read(root.required("text_config")));
    } catch (IllegalArgumentException e) {
      throw new IOException(place + " is no TokenFLEX config: " + e.getMessage(), e);
    }
  }

  /** Serializes {@code generation_config.json} with one end-of-answer token id. */
  public static byte[] generation(long endOfTurnId) throws IOException {
    return generation(List.of(endOfTurnId));
  }

  /**
   * Serializes {@code generation_config.json}.
   *
   * @param endIds token ids that end an answer
   */
  public static byte[] generation(List<Long> endIds) throws IOException {
    ObjectNode root = JSON.createObjectNode().put("do_sample", false);
    if (endIds.size() == 1) {
      root.put("eos_token_id", endIds.get(0));
    } else {
      endIds.forEach(root.putArray("eos_token_id")::add);
    }
    return JSON.writeValueAsBytes(root);
  }
}
