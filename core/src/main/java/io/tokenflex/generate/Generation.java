package io.tokenflex.generate;

/**
 * A generated answer.
 *
 * @param numNewTokens tokens generated for it, the end of turn included
 */
public record Generation(String text, int numNewTokens) {}
