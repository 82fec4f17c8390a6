package io.tokenflex.convert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tokenflex.model.LanguageConfig;
import io.tokenflex.model.RopeScaling;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class PretrainedLanguageConfigTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @ParameterizedTest
  @ValueSource(strings = {"qwen2", "qwen3", "llama"})
  void keysLeftOutHaveTheDefaultsOfTransformers(String modelType) throws IOException {
    JsonNode everyKey = resource("defaults").get(modelType);
    assertThat(everyKey.size()).isGreaterThan(20);
    assertThat(read("{'model_type': '%s'}".formatted(modelType)))
        .isEqualTo(PretrainedLanguageConfig.read(everyKey, "config.json"));
  }

  @ParameterizedTest
  @MethodSource("io.tokenflex.GoldenNames#decoders")
  void whatIsWrittenSaysWhatWasRead(String fixture) throws IOException {
    JsonNode published = resource(fixture).get("config");
    LanguageConfig config = PretrainedLanguageConfig.read(published, "config.json");
    ObjectNode written = PretrainedLanguageConfig.write(config);

    assertThat(PretrainedLanguageConfig.read(written, "written")).isEqualTo(config);
    for (Map.Entry<String, JsonNode> entry : written.properties()) {
      if (published.has(entry.getKey()) && !entry.getKey().equals("rope_scaling")) {
        assertThat(entry.getValue()).as(entry.getKey()).isEqualTo(published.get(entry.getKey()));
      }
    }
    JsonNode scaling = published.path("rope_scaling");
    assertThat(written.path("rope_scaling").size())
        .isEqualTo(scaling.has("type") ? 2 : scaling.size());
    assertThat(written.at("/architectures/0").asText())
        .isEqualToIgnoringCase(published.get("model_type").asText() + "ForCausalLM");
  }

  @Test
  void familiesDifferInBiasesAndNorms() {
    LanguageConfig qwen2 = read("{'model_type': 'qwen2'}");
    LanguageConfig qwen3 = read("{'model_type': 'qwen3', 'hidden_size': 1024}");
    LanguageConfig llama = read("{'model_type': 'llama'}");
    assertThat(qwen2.qkvBias() && !qwen2.qkNorm()).isTrue();
    assertThat(!qwen3.qkvBias() && qwen3.qkNorm()).isTrue();
    assertThat(!llama.qkvBias() && !llama.qkNorm()).isTrue();
    assertThat(qwen3.headDim()).as("independent of hidden_size / heads").isEqualTo(128);
  }

  @Test
  void ropeSettingsAreReadInEverySpelling() {
    LanguageConfig expected =
        read(
            "{'model_type': 'llama', 'rope_theta': 5e5, 'rope_scaling':"
                + " {'rope_type': 'linear', 'factor': 2.0}}");
    assertThat(expected.ropeTheta()).isEqualTo(500_000);
    assertThat(expected.ropeScaling()).isEqualTo(new RopeScaling.Linear(2));
    assertThat(
            read(
                "{'model_type': 'llama', 'rope_theta': 500000, 'rope_scaling':"
                    + " {'type': 'linear', 'factor': 2}}"))
        .isEqualTo(expected);
    assertThat(
            read(
                "{'model_type': 'llama', 'rope_parameters':"
                    + " {'rope_theta': 5e5, 'rope_type': 'linear', 'factor': 2.0}}"))
        .isEqualTo(expected);
    assertThat(
            read("{'model_type': 'llama', 'rope_parameters': {'rope_theta': 5e5}}").ropeScaling())
        .isEqualTo(new RopeScaling.None());
  }

  @Test
  void llama31IsReadAsPublished() {
    LanguageConfig llama31 =
        read(
            """
            {"architectures": ["LlamaForCausalLM"], "attention_bias": false,
             "attention_dropout": 0.0, "bos_token_id": 128000,
             "eos_token_id": [128001, 128008, 128009], "hidden_act": "silu", "hidden_size": 4096,
             "initializer_range": 0.02, "intermediate_size": 14336,
             "max_position_embeddings": 131072, "mlp_bias": false, "model_type": "llama",
             "num_attention_heads": 32, "num_hidden_layers": 32, "num_key_value_heads": 8,
             "pretraining_tp": 1, "rms_norm_eps": 1e-05,
             "rope_scaling": {"factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
               "original_max_position_embeddings": 8192, "rope_type": "llama3"},
             "rope_theta": 500000.0, "tie_word_embeddings": false, "torch_dtype": "bfloat16",
             "vocab_size": 128256}
            """);
    assertThat(llama31)
        .isEqualTo(
            new LanguageConfig(
                128_256,
                4096,
                14_336,
                32,
                32,
                8,
                128,
                131_072,
                500_000,
                1e-5,
                false,
                false,
                false,
                new RopeScaling.Llama3(8, 1, 4, 8192)));
  }

  @Test
  void theDecoderOfALargerModelIsItsTextConfig() {
    LanguageConfig nested =
        read(
            """
            {"model_type": "llava", "text_config": {"model_type": "llama",
             "max_position_embeddings": 4096, "rms_norm_eps": 1e-05, "vocab_size": 32064}}
            """);
    assertThat(nested.vocabSize()).isEqualTo(32_064);
    assertThat(nested.numKeyValueHeads()).isEqualTo(32);
    assertThat(nested.headDim()).isEqualTo(128);
  }

  @Test
  void dynamicScalingTakesSequencesAsLongAsItsFactorPromises() {
    LanguageConfig config =
        read("{'model_type': 'llama', 'rope_scaling': {'type': 'dynamic', 'factor': 4.0}}");
    assertThat(config.ropeScaling()).isEqualTo(new RopeScaling.Dynamic(4, 2048));
    assertThat(config.maxPositionEmbeddings()).isEqualTo(8192);
    ObjectNode written = PretrainedLanguageConfig.write(config);
    assertThat(written.get("max_position_embeddings").intValue()).isEqualTo(2048);
    assertThat(written.has("tokenflex_max_position_embeddings")).isFalse();

    written.put("tokenflex_max_position_embeddings", 5000);
    LanguageConfig shorter = PretrainedLanguageConfig.read(written, "written");
    assertThat(shorter.maxPositionEmbeddings()).isEqualTo(5000);
    assertThat(PretrainedLanguageConfig.write(shorter)).isEqualTo(written);
  }

  @Test
  void aWindowThatNoLayerUsesIsNoObstacle() {
    assertThat(
            read(
                "{'model_type': 'qwen2', 'num_hidden_layers': 28, 'use_sliding_window': true,"
                    + " 'max_window_layers': 28}"))
        .isEqualTo(read("{'model_type': 'qwen2', 'num_hidden_layers': 28}"));
    assertThat(read("{'model_type': 'qwen2', 'use_sliding_window': false, 'sliding_window': 4}"))
        .isEqualTo(read("{'model_type': 'qwen2'}"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "mistral | 'a': 1 | model_type is mistral; expected one of qwen2, qwen3, llama: take a",
        "llama | 'hidden_act': 'gelu' | hidden_act is gelu; expected silu: take a model",
        "llama | 'attention_bias': true | attention_bias is true; expected false: take",
        "qwen3 | 'attention_bias': true | attention_bias is true; expected false: take",
        "llama | 'mlp_bias': true | mlp_bias is true; expected false: take",
        "llama | 'partial_rotary_factor': 0.5 | partial_rotary_factor is 0.5; expected 1: take",
        "qwen2 | 'use_sliding_window': true | use_sliding_window is true from layer 28 of 32 on",
        "qwen3 | 'layer_types': ['sliding_attention'] | layer_types is sliding_attention; expected",
        "qwen2 | 'rope_scaling': {'type': 'yarn', 'factor': 4.0} | rope_scaling.type is yarn;",
        "llama | 'rope_scaling': {'rope_type': 'longrope'} | rope_scaling.rope_type is longrope;",
        "llama | 'rope_parameters': {'rope_type': 'yarn'} | rope_parameters.rope_type is yarn;",
        "llama | 'rope_scaling': {'factor': 2.0} | type is missing; expected a string",
        "llama | 'rope_scaling': {'type': 'linear'} | factor is missing; expected a number",
        "llama | 'quantization_config': {'bits': 4} | quantization_config is {\"bits\":4};",
        "llama | 'vocab_size': '32000' | vocab_size is \"32000\"; expected a whole number",
        "llama | 'rms_norm_eps': null | rms_norm_eps is null; expected a number",
      })
  void whatCannotBeComputedIsRefusedByKeyAndValue(String type, String keys, String message) {
    String config = "{'model_type': '%s', %s}".formatted(type, keys);
    assertThatThrownBy(() -> read(config))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("config.json is no decoder that can be used here: ")
        .hasMessageContaining(message);
    assertThatThrownBy(() -> read("{'text_config': " + config + "}"))
        .hasMessageStartingWith("config.json text_config is no decoder that can be used here: ");
  }

  private static LanguageConfig read(String json) {
    try {
      return PretrainedLanguageConfig.read(JSON.readTree(json.replace('\'', '"')), "config.json");
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  private static JsonNode resource(String name) throws IOException {
    try (InputStream in =
        PretrainedLanguageConfigTest.class.getResourceAsStream(
            "/golden/language/" + name + ".json")) {
      return JSON.readTree(in);
    }
  }
}
