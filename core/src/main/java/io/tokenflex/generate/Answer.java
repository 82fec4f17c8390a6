package io.tokenflex.generate;

/**
 * What a model answered to a {@link Prompt}.
 *
 * @param numNewTokens number of generated tokens, including the one that ended the answer
 */
public record Answer(String text, int numNewTokens) {}
