package io.tokenflex.text;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tokenflex.samples.Sample;
import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Against the Python tokenizers library: byte-level BPE of two kinds, SentencePiece of two. */
class HuggingFaceTokenizerGoldenTest {
  @ParameterizedTest
  @ValueSource(strings = {"qwen", "llama3", "llama2", "internlm2"})
  void idsAndTextsAreThoseOfPython(String kind) {
    JsonNode rows = ChatGoldens.json("texts-%s.json".formatted(kind));
    assertThat(rows).hasSizeGreaterThan(90);
    try (HuggingFaceTokenizer tokenizer = ChatGoldens.tokenizer(kind)) {
      for (JsonNode row : rows) {
        String text = row.get("text").asText();
        long[] ids = tokenizer.encode(text);
        assertThat(ids).as("%s: %s", kind, text).isEqualTo(ChatGoldens.longs(row.get("ids")));
        assertThat(tokenizer.decode(ids))
            .as("%s: %s", kind, text)
            .isEqualTo(row.get("decoded").asText());
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"qwen", "llama3", "llama2", "internlm2"})
  void aNewSpecialTokenGetsTheIdThatPythonGivesIt(String kind) throws IOException {
    JsonNode facts = ChatGoldens.FACTS.at("/tokenizers/" + kind);
    byte[] json = ChatGoldens.bytes("tokenizer-%s.json".formatted(kind));
    TokenizerFiles.WithToken extended = TokenizerFiles.withSpecialToken(json, Sample.IMAGE_MARK);
    assertThat(extended.id()).isEqualTo(facts.get("image_id").asLong());
    assertThat(addedTokens(extended)).isEqualTo(facts.get("added_tokens"));
    try (HuggingFaceTokenizer tokenizer = new HuggingFaceTokenizer(extended.json())) {
      assertThat(tokenizer.vocabSize()).isEqualTo(facts.get("vocab_size").asInt());
      assertThat(tokenizer.encode("a<image>b")).contains(extended.id());
      assertThat(tokenizer.specialTokens()).isEqualTo(specialTokens(facts.get("added_tokens")));
    }
    assertThat(TokenizerFiles.withSpecialToken(extended.json(), Sample.IMAGE_MARK))
        .as("once more changes nothing")
        .isEqualTo(new TokenizerFiles.WithToken(extended.json(), extended.id()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"qwen", "llama3", "llama2", "internlm2"})
  void aKnownTokenBecomesSpecialUnderItsOldId(String kind) throws IOException {
    JsonNode facts = ChatGoldens.FACTS.at("/tokenizers/" + kind);
    byte[] json = ChatGoldens.bytes("tokenizer-%s.json".formatted(kind));
    TokenizerFiles.WithToken think = TokenizerFiles.withSpecialToken(json, "<think>");
    TokenizerFiles.WithToken image =
        TokenizerFiles.withSpecialToken(think.json(), Sample.IMAGE_MARK);
    assertThat(think.id()).isEqualTo(facts.get("think_id").asLong());
    assertThat(image.id()).isEqualTo(facts.get("image_id_after_think").asLong());
    assertThat(addedTokens(image)).isEqualTo(facts.get("added_after_think"));
  }

  private static JsonNode addedTokens(TokenizerFiles.WithToken tokenizer) throws IOException {
    return new ObjectMapper().readTree(tokenizer.json()).get("added_tokens");
  }

  private static Set<String> specialTokens(JsonNode added) {
    Set<String> special = new LinkedHashSet<>();
    for (JsonNode token : added) {
      if (token.get("special").asBoolean()) {
        special.add(token.get("content").asText());
      }
    }
    return special;
  }
}
