package io.tokenflex.generate;

/** Why an answer ended. */
public enum FinishReason {
  /** The model ended it: end of turn, or an id of {@code eos_token_id}. */
  END_TOKEN,
  /** It reached one of {@link GenerationConfig#stopStrings}. */
  STOP_STRING,
  /** It reached {@link GenerationConfig#maxNewTokens}: probably cut off. */
  MAX_NEW_TOKENS,
  /** Prompt and answer fill the model's positions: probably cut off. */
  CONTEXT_FULL
}
