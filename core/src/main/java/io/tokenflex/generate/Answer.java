package io.tokenflex.generate;

/**
 * What a model answered to a {@link Prompt}.
 *
 * @param numNewTokens tokens generated for it, the end of turn included
 */
public record Answer(String text, int numNewTokens) {}
