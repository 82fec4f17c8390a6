package io.tokenflex.text;

import java.util.Set;

/** Converts text to token ids and back. Thread-safe. */
public interface Tokenizer {
  /** Token ids of a text; no special tokens are added. */
  long[] encode(String text);

  /** Text of token ids, without special tokens. */
  String decode(long[] ids);

  /**
   * Id of a special token.
   *
   * @throws IllegalArgumentException if there is no such special token
   */
  long specialTokenId(String token);

  /** All special tokens. A text that contains one would be tokenized as markup. */
  Set<String> specialTokens();

  /** Largest token id + 1. */
  int vocabSize();
}
