package io.tokenflex.generate;

/** Hears of every token as it is generated, for streaming. Called by the generating thread. */
@FunctionalInterface
public interface TokenListener {
  /** Ignores everything. */
  TokenListener NONE = (prompt, token, text) -> {};

  /**
   * A token was generated.
   *
   * @param prompt index of the prompt in its batch
   * @param token its id
   * @param text what is now certain to follow in the answer; may be empty. The pieces of a prompt,
   *     joined, are the text of its answer
   */
  void onToken(int prompt, long token, String text);
}
