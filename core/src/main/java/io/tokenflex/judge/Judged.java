package io.tokenflex.judge;

import io.tokenflex.score.Score;

/**
 * A score and how it came about.
 *
 * @param calls replies that were asked for; 0 if a rule decided
 */
public record Judged(Score score, int calls) {}
