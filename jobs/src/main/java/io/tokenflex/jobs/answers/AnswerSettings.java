package io.tokenflex.jobs.answers;

import io.tokenflex.failure.Expect;
import io.tokenflex.failure.InvalidInputException;
import java.util.List;

/**
 * How rows are answered.
 *
 * @param job names the work in the log, for instance {@code evaluate}
 * @param numVisionTokens token counts to answer every row at; {@link Slice#AUTO} for one that the
 *     model chooses
 * @param maxNewTokens tokens after which an answer is cut
 * @param batchSize rows decoded together
 * @param maxBrokenFraction the job fails at its end if a larger part of the rows is broken
 */
public record AnswerSettings(
    String job,
    List<Integer> numVisionTokens,
    int maxNewTokens,
    int batchSize,
    double maxBrokenFraction) {
  public AnswerSettings {
    numVisionTokens = List.copyOf(numVisionTokens);
    Expect.atLeastOne("maxNewTokens", maxNewTokens);
    Expect.atLeastOne("batchSize", batchSize);
    if (!(maxBrokenFraction >= 0 && maxBrokenFraction <= 1)) {
      throw new InvalidInputException(
          job + ".maxBrokenFraction is " + maxBrokenFraction + "; expected 0 to 1");
    }
  }
}
