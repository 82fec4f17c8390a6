package io.tokenflex.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;

/** Reads and modifies {@code tokenizer.json}. */
public final class TokenizerFiles {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String ADDED = "added_tokens";

  private TokenizerFiles() {}

  /**
   * A tokenizer with a special token.
   *
   * @param json content of {@code tokenizer.json}
   * @param id the token's id
   */
  @SuppressWarnings("ArrayRecordComponent") // passed on, never compared
  public record WithToken(byte[] json, long id) {}

  /**
   * Adds {@code token} as a special token, as transformers' {@code add_special_tokens} does: a
   * known token keeps its id, a new one gets the next free id.
   *
   * @param json content of {@code tokenizer.json}
   * @throws IOException if {@code json} is not a valid tokenizer
   */
  public static WithToken withSpecialToken(byte[] json, String token) throws IOException {
    if (!(JSON.readTree(json) instanceof ObjectNode tree)) {
      throw new IOException("This tokenizer.json is no JSON object");
    }
    ArrayNode added = tree.withArrayProperty(ADDED);
    long id = idInModel(tree, token);
    long next = modelVocabSize(tree);
    for (JsonNode known : added) {
      next = Math.max(next, known.path("id").asLong() + 1);
      if (known.path("content").asText().equals(token)) {
        if (known.path("special").asBoolean()) {
          return new WithToken(json, known.path("id").asLong());
        }
        id = known.path("id").asLong();
      }
    }
    id = id < 0 ? next : id;
    insert(added, token, id);
    return new WithToken(JSON.writeValueAsBytes(tree), id);
  }

  /** Inserts the token; added tokens are sorted by id. */
  private static void insert(ArrayNode added, String token, long id) {
    ObjectNode entry = JSON.createObjectNode();
    entry.put("id", id);
    entry.put("content", token);
    entry.put("single_word", false);
    entry.put("lstrip", false);
    entry.put("rstrip", false);
    entry.put("normalized", false);
    entry.put("special", true);
    int at = 0;
    while (at < added.size() && added.get(at).path("id").asLong() < id) {
      at++;
    }
    if (at < added.size() && added.get(at).path("id").asLong() == id) {
      added.set(at, entry);
    } else {
      added.insert(at, entry);
    }
  }

  private static long idInModel(JsonNode tree, String token) {
    JsonNode vocab = tree.path("model").path("vocab");
    if (vocab.isArray()) {
      for (int i = 0; i < vocab.size(); i++) {
        if (vocab.get(i).path(0).asText().equals(token)) {
          return i;
        }
      }
      return -1;
    }
    return vocab.path(token).asLong(-1);
  }

  private static long modelVocabSize(JsonNode tree) {
    return tree.path("model").path("vocab").size();
  }

  /** Largest token id + 1. */
  static int vocabSize(JsonNode tree) {
    JsonNode vocab = tree.path("model").path("vocab");
    long largest = -1;
    if (vocab.isArray()) {
      largest = vocab.size() - 1L;
    } else {
      for (JsonNode id : vocab) {
        largest = Math.max(largest, id.asLong());
      }
    }
    for (JsonNode added : tree.path(ADDED)) {
      largest = Math.max(largest, added.path("id").asLong());
    }
    return Math.toIntExact(largest + 1);
  }
}
