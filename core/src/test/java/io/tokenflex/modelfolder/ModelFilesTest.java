package io.tokenflex.modelfolder;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tokenflex.image.ImageTransform;
import io.tokenflex.model.LanguageConfig;
import io.tokenflex.model.ModelConfig;
import io.tokenflex.model.Pooling;
import io.tokenflex.model.ProjectorConfig;
import io.tokenflex.model.RopeScaling;
import io.tokenflex.model.VisionConfig;
import io.tokenflex.model.VisionFamily;
import io.tokenflex.model.VisionNorm;
import io.tokenflex.tokens.VisionTokenCount;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ModelFilesTest {
  private static final List<VisionTokenCount> COUNTS =
      List.of(VisionTokenCount.of(4), VisionTokenCount.of(9));

  /** No two numbers alike, so that no two keys can be confused. */
  private static final ModelConfig MODEL =
      new ModelConfig(
          new VisionConfig(24, 33, 5, 6, 28, 7, 1e-6),
          new ProjectorConfig(72, 1e-5, Pooling.INTERPOLATED),
          new LanguageConfig(1100, 40, 50, 3, 8, 4, 10, 256, 12_345.5, 1e-7, true));

  @Test
  void theConfigIsReadBackAsItWasWritten() throws IOException {
    byte[] json = ModelFiles.config(MODEL, 1023, COUNTS);
    assertThat(ModelFiles.readConfig(json, "config.json")).isEqualTo(MODEL);
  }

  @ParameterizedTest
  @CsvSource({"qwen2, true, false", "qwen3, false, true", "llama, false, false"})
  void everyFamilyIsWrittenUnderItsModelTypeAndReadBack(
      String modelType, boolean qkvBias, boolean qkNorm) throws IOException {
    for (RopeScaling scaling :
        List.of(
            new RopeScaling.None(),
            new RopeScaling.Linear(2.5),
            new RopeScaling.Dynamic(2, 64),
            new RopeScaling.Llama3(8, 1.5, 4, 512))) {
      ModelConfig model =
          new ModelConfig(
              MODEL.vision(),
              MODEL.projector(),
              new LanguageConfig(
                  1100, 40, 50, 3, 8, 4, 10, 256, 1e4, 1e-7, true, qkvBias, qkNorm, scaling));
      byte[] json = ModelFiles.config(model, 1023, COUNTS);
      assertThat(ModelFiles.readConfig(json, "config.json")).isEqualTo(model);
      assertThat(new ObjectMapper().readTree(json).at("/text_config/model_type").asText())
          .isEqualTo(modelType);
    }
  }

  @Test
  void aConfigFromBeforeOtherFamiliesIsAQwen2() throws IOException {
    String text =
        """
        {"model_type": "qwen2", "vocab_size": 1100, "hidden_size": 40, "intermediate_size": 50,
         "num_hidden_layers": 3, "num_attention_heads": 8, "num_key_value_heads": 4, "head_dim": 10,
         "max_position_embeddings": 256, "rope_theta": 12345.5, "rms_norm_eps": 1.0E-7,
         "hidden_act": "silu", "tie_word_embeddings": true}
        """;
    ObjectMapper mapper = new ObjectMapper();
    JsonNode written = mapper.readTree(ModelFiles.config(MODEL, 1023, COUNTS)).get("text_config");
    assertThat(LanguageConfigJson.read(mapper.readTree(text))).isEqualTo(MODEL.language());
    assertThat(written).as("still written so").isEqualTo(mapper.readTree(text));
  }

  @Test
  void everyFamilysTowerIsReadBackAsItWasWritten() throws IOException {
    for (VisionFamily family : VisionFamily.values()) {
      VisionConfig vision =
          new VisionConfig(
              family,
              24,
              33,
              5,
              6,
              28,
              7,
              1e-6,
              family.activations().get(0),
              family == VisionFamily.INTERNVIT ? VisionNorm.RMS_NORM : VisionNorm.LAYER_NORM,
              family != VisionFamily.INTERNVIT,
              family == VisionFamily.INTERNVIT,
              -2);
      ModelConfig model = new ModelConfig(vision, MODEL.projector(), MODEL.language());
      byte[] json = ModelFiles.config(model, 1023, COUNTS);
      assertThat(ModelFiles.readConfig(json, "config.json")).isEqualTo(model);
    }
  }

  @Test
  void aConfigFromBeforeThereWereFamiliesIsSiglips() throws IOException {
    ObjectNode root = (ObjectNode) new ObjectMapper().readTree(ModelFiles.config(MODEL, 9, COUNTS));
    ((ObjectNode) root.get("vision_config"))
        .remove(List.of("norm_type", "attention_bias", "use_qk_norm", "feature_layer"));
    byte[] json = root.toString().getBytes(UTF_8);
    assertThat(ModelFiles.readConfig(json, "config.json")).isEqualTo(MODEL);
  }

  @Test
  void anUnknownTowerIsNamedWithTheFile() throws IOException {
    String json = new String(ModelFiles.config(MODEL, 1023, COUNTS), UTF_8);
    for (String value : List.of("siglip_vision_model", "gelu_pytorch_tanh")) {
      byte[] other = json.replace(value, "other").getBytes(UTF_8);
      assertThatThrownBy(() -> ModelFiles.readConfig(other, "m/config.json"))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("is other; expected " + value);
    }
  }

  @Test
  void theConfigNamesThePlaceholderAndTheTrainedCounts() throws IOException {
    JsonNode root = new ObjectMapper().readTree(ModelFiles.config(MODEL, 1023, COUNTS));
    assertThat(root.get("model_type").asText()).isEqualTo("tokenflex");
    assertThat(root.get("image_token_id").asLong()).isEqualTo(1023);
    assertThat(root.get("vision_token_counts").toString()).isEqualTo("[4,9]");
  }

  @Test
  void aMissingKeyIsNamedWithTheFile() throws IOException {
    String json = new String(ModelFiles.config(MODEL, 1023, COUNTS), UTF_8);
    for (String key : List.of("vision_config", "patch_size", "rope_theta", "vocab_size")) {
      byte[] without = json.replace('"' + key + '"', "\"other\"").getBytes(UTF_8);
      assertThatThrownBy(() -> ModelFiles.readConfig(without, "m/config.json"))
          .isInstanceOf(IOException.class)
          .hasMessageStartingWith("m/config.json is no TokenFLEX config: ")
          .hasMessageContaining(key);
    }
  }

  @Test
  void thePreprocessorIsThatOfSiglip() throws IOException {
    ImageTransform transform = ImageTransform.siglip(28);
    byte[] json = ImageProcessorJson.write(transform);
    JsonNode root = new ObjectMapper().readTree(json);
    assertThat(root.get("image_processor_type").asText()).isEqualTo("SiglipImageProcessor");
    assertThat(root.get("size").toString()).isEqualTo("{\"height\":28,\"width\":28}");
    assertThat(root.get("image_mean").toString()).isEqualTo("[0.5,0.5,0.5]");
    assertThat(ImageProcessorJson.read(json, "m")).isEqualTo(transform);
  }

  @Test
  void generationEndsAtTheEndOfATurn() throws IOException {
    JsonNode root = new ObjectMapper().readTree(ModelFiles.generation(1022));
    assertThat(root.get("eos_token_id").asLong()).isEqualTo(1022);
  }
}
