package io.tokenflex.weights;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tokenflex.model.LanguageConfig;
import io.tokenflex.model.ModelConfig;
import io.tokenflex.model.ProjectorConfig;
import io.tokenflex.model.VisionConfig;
import io.tokenflex.tokens.VisionTokenCount;
import java.io.IOException;
import java.util.List;

/** The JSON files of a model folder, in Hugging Face's terms. */
public final class ModelFiles {
  public static final String CONFIG = "config.json";
  public static final String WEIGHTS = "model.safetensors";
  public static final String TOKENIZER = "tokenizer.json";
  public static final String PREPROCESSOR = "preprocessor_config.json";
  public static final String GENERATION = "generation_config.json";

  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  private ModelFiles() {}

  /** {@code config.json}. */
  public static byte[] config(
      ModelConfig model, long imageTokenId, List<VisionTokenCount> trainedCounts)
      throws IOException {
    ObjectNode root = JSON.createObjectNode();
    root.put("model_type", "tokenflex");
    root.put("image_token_id", imageTokenId);
    trainedCounts.forEach(
        count -> root.withArray("vision_token_counts").add(count.numVisionTokens()));
    VisionConfig vision = model.vision();
    root.putObject("vision_config")
        .put("model_type", "siglip_vision_model")
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
    root.putObject("projector_config")
        .put("intermediate_size", model.projector().intermediateSize())
        .put("layer_norm_eps", model.projector().layerNormEps());
    LanguageConfig language = model.language();
    root.putObject("text_config")
        .put("model_type", "qwen2")
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
    return JSON.writeValueAsBytes(root);
  }

  /**
   * Reads {@code config.json}.
   *
   * @param place names the file in messages
   * @throws IOException naming the key that is missing
   */
  public static ModelConfig readConfig(byte[] json, String place) throws IOException {
    try {
      JsonNode root = JSON.readTree(json);
      JsonNode vision = root.required("vision_config");
      JsonNode projector = root.required("projector_config");
      JsonNode language = root.required("text_config");
      return new ModelConfig(
          new VisionConfig(
              vision.required("hidden_size").intValue(),
              vision.required("intermediate_size").intValue(),
              vision.required("num_hidden_layers").intValue(),
              vision.required("num_attention_heads").intValue(),
              vision.required("image_size").intValue(),
              vision.required("patch_size").intValue(),
              vision.required("layer_norm_eps").doubleValue()),
          new ProjectorConfig(
              projector.required("intermediate_size").intValue(),
              projector.required("layer_norm_eps").doubleValue()),
          new LanguageConfig(
              language.required("vocab_size").intValue(),
              language.required("hidden_size").intValue(),
              language.required("intermediate_size").intValue(),
              language.required("num_hidden_layers").intValue(),
              language.required("num_attention_heads").intValue(),
              language.required("num_key_value_heads").intValue(),
              language.required("head_dim").intValue(),
              language.required("max_position_embeddings").intValue(),
              language.required("rope_theta").doubleValue(),
              language.required("rms_norm_eps").doubleValue(),
              language.required("tie_word_embeddings").booleanValue()));
    } catch (IllegalArgumentException e) {
      throw new IOException(place + " is no TokenFLEX config: " + e.getMessage(), e);
    }
  }

  /** {@code preprocessor_config.json} of a SigLIP image processor. */
  public static byte[] preprocessor(int imageSize) throws IOException {
    ObjectNode root = JSON.createObjectNode();
    root.put("image_processor_type", "SiglipImageProcessor")
        .put("do_resize", true)
        .put("resample", 3) // PIL.Image.BICUBIC
        .put("do_rescale", true)
        .put("rescale_factor", 1.0 / 255)
        .put("do_normalize", true);
    root.putObject("size").put("height", imageSize).put("width", imageSize);
    for (String key : List.of("image_mean", "image_std")) {
      root.putArray(key).add(0.5).add(0.5).add(0.5);
    }
    return JSON.writeValueAsBytes(root);
  }

  /** {@code generation_config.json}. */
  public static byte[] generation(long endOfTurnId) throws IOException {
    return JSON.writeValueAsBytes(
        JSON.createObjectNode().put("do_sample", false).put("eos_token_id", endOfTurnId));
  }
}
