package io.tokenflex.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tokenflex.failure.InvalidInputException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * Runs a Hugging Face {@code tokenizer.json} with the reference implementation, the {@code
 * tokenizers} library.
 */
public final class HuggingFaceTokenizer implements Tokenizer, AutoCloseable {
  private final ai.djl.huggingface.tokenizers.HuggingFaceTokenizer delegate;
  private final Map<String, Long> specialTokens = new LinkedHashMap<>();
  private final int vocabSize;

  /**
   * Loads a tokenizer.
   *
   * @param json content of {@code tokenizer.json}
   * @throws IOException if it is not a valid tokenizer
   */
  public HuggingFaceTokenizer(byte[] json) throws IOException {
    delegate =
        ai.djl.huggingface.tokenizers.HuggingFaceTokenizer.newInstance(
            new ByteArrayInputStream(json),
            Map.of("addSpecialTokens", "false", "padding", "false", "truncation", "false"));
    JsonNode tree = new ObjectMapper().readTree(json);
    for (JsonNode added : tree.path("added_tokens")) {
      if (added.path("special").asBoolean()) {
        specialTokens.put(added.get("content").asText(), added.get("id").asLong());
      }
    }
    vocabSize = TokenizerFiles.vocabSize(tree);
  }

  @Override
  public long[] encode(String text) {
    return delegate.encode(text, false, false).getIds();
  }

  @Override
  public String decode(long[] ids) {
    return delegate.decode(ids, true);
  }

  @Override
  public long specialTokenId(String token) {
    Long id = specialTokens.get(token);
    if (id == null) {
      throw new InvalidInputException(
          "The tokenizer has no special token %s; it has %s. Use a tokenizer.json that has it"
              .formatted(token, specialTokens.keySet()));
    }
    return id;
  }

  @Override
  public Set<String> specialTokens() {
    return Collections.unmodifiableSet(specialTokens.keySet());
  }

  @Override
  public int vocabSize() {
    return vocabSize;
  }

  @Override
  public void close() {
    delegate.close();
  }
}
