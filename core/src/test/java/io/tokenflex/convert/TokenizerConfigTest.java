package io.tokenflex.convert;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class TokenizerConfigTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String TOKENIZER =
      "{'added_tokens': [{'content': '<|endoftext|>'}], 'model': {'vocab': {'<s>': 1, '</s>': 2}}}";

  @Test
  void anyClassBecomesTheOneThatOpensTokenizerJsonAsItIs() throws IOException {
    for (String name : new String[] {"Qwen2Tokenizer", "LlamaTokenizerFast", "TokenizersBackend"}) {
      JsonNode config = portable("{'tokenizer_class': '%s', 'x': 1}".replace("%s", name));
      assertThat(config.path("tokenizer_class").asText()).isEqualTo("PreTrainedTokenizerFast");
      assertThat(config.path("x").asInt()).as("what else is said").isEqualTo(1);
      assertThat(config.path("model_input_names")).hasSize(2);
    }
  }

  @Test
  void whatTheClassSaysBesidesIsWrittenOut() throws IOException {
    JsonNode llama = portable("{'tokenizer_class': 'LlamaTokenizer'}");
    assertThat(llama.path("bos_token").asText()).isEqualTo("<s>");
    assertThat(llama.path("eos_token").asText()).isEqualTo("</s>");
    assertThat(llama.has("unk_token")).as("the tokenizer has none").isFalse();
    assertThat(llama.path("padding_side").asText()).isEqualTo("left");
    JsonNode qwen = portable("{'tokenizer_class': 'Qwen2Tokenizer', 'eos_token': null}");
    assertThat(qwen.path("eos_token").isNull()).as("said to be none").isTrue();
    assertThat(qwen.path("pad_token").asText()).isEqualTo("<|endoftext|>");
    assertThat(qwen.has("padding_side")).isFalse();
  }

  @Test
  void tokensOfTheSpecialTokensMapAreNotReplaced() throws IOException {
    JsonNode config =
        portable("{'tokenizer_class': 'LlamaTokenizer'}", "{'eos_token': {'content': '<s>'}}");
    assertThat(config.has("eos_token")).isFalse();
  }

  @Test
  void aListOfExtraTokensAsTransformers5WritesItIsOneThat4Reads() throws IOException {
    JsonNode config =
        portable("{'tokenizer_class': 'TokenizersBackend', 'extra_special_tokens': ['<image>']}");
    assertThat(config.has("extra_special_tokens")).isFalse();
    assertThat(config.path("additional_special_tokens").toString()).isEqualTo("[\"<image>\"]");
    JsonNode named = portable("{'extra_special_tokens': {'image_token': '<image>'}}");
    assertThat(named.path("extra_special_tokens").has("image_token")).isTrue();
  }

  @Test
  void codeAndProcessorsThatLieElsewhereAreNotNamed() throws IOException {
    JsonNode config =
        portable("{'auto_map': {'AutoTokenizer': ['a.B', null]}, 'processor_class': 'LlavaP'}");
    assertThat(config.has("auto_map")).isFalse();
    assertThat(config.has("processor_class")).isFalse();
  }

  @Test
  void doingItTwiceChangesNothingMore() throws IOException {
    JsonNode once = portable("{'tokenizer_class': 'LlamaTokenizer', 'model_max_length': 1e30}");
    assertThat(portable(once.toString())).isEqualTo(once);
  }

  @Test
  void aFileThatIsNoObjectIsNamed() {
    assertThatThrownBy(() -> portable("[1]"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("tokenizer_config.json is no JSON object");
  }

  private static JsonNode portable(String config) throws IOException {
    return portable(config, "{}");
  }

  private static JsonNode portable(String config, String map) throws IOException {
    byte[] bytes = config.replace('\'', '"').getBytes(UTF_8);
    return JSON.readTree(TokenizerConfig.portable(bytes, json(map), json(TOKENIZER)));
  }

  private static JsonNode json(String text) throws IOException {
    return JSON.readTree(text.replace('\'', '"'));
  }
}
