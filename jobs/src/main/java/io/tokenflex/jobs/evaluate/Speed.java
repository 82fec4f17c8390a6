package io.tokenflex.jobs.evaluate;

import io.tokenflex.jobs.answers.AnsweredRow;
import java.util.Collection;

/**
 * What answers cost at a token count.
 *
 * @param secondsPerAnswer of one executor's model that decodes batches, pictures included
 * @param newTokensPerAnswer generated tokens, the one that ends an answer included
 */
public record Speed(double secondsPerAnswer, double newTokensPerAnswer) {

  static Speed of(Collection<AnsweredRow> rows) {
    double seconds = 0;
    long tokens = 0;
    int answers = 0;
    for (AnsweredRow row : rows) {
      if (!row.isBroken()) {
        seconds += row.batchSeconds() / row.batchSize(); // a batch's seconds stand in each row
        tokens += row.numNewTokens();
        answers++;
      }
    }
    return answers == 0 ? new Speed(0, 0) : new Speed(seconds / answers, tokens / (double) answers);
  }
}
