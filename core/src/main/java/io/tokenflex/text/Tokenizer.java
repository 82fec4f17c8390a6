package io.tokenflex.text;

import java.util.Set;

/** Text to token ids and back. Thread-safe. */
public interface Tokenizer {
  /** Ids of plain text; nothing is added around it. */
  long[] encode(String text);

  /** Text of ids, special tokens left out. */
  String decode(long[] ids);

  /**
   * The id of a special token.
   *
   * @throws IllegalArgumentException if the vocabulary has no such special token
   */
  long specialTokenId(String token);

  /** All special tokens: text that holds one of them cannot be told from markup. */
  Set<String> specialTokens();

  /** Largest id + 1. */
  int vocabSize();
}
