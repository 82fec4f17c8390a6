package io.tokenflex.jobs.evaluate;

import java.io.Serializable;
import java.util.Locale;

/**
 * What the model answered to one question at one token count: a row of the predictions table.
 *
 * @param detail empty if the sample has none
 * @param batchSize questions answered in the same call
 * @param batchSeconds wall-clock time of that call: the latency of each of its questions
 * @param precision what the model computed in
 */
public record Prediction(
    String id,
    int questionIndex,
    String kind,
    String detail,
    String question,
    String expected,
    String predicted,
    int numVisionTokens,
    int numNewTokens,
    int batchSize,
    double batchSeconds,
    String precision)
    implements Serializable {

  private static final String END_OF_REASONING = "</think>";

  /**
   * Whether both texts are the same after trimming and without regard to case. Of a reasoning model
   * it is what follows the reasoning that counts, in what was expected too.
   */
  public boolean correct() {
    return normal(expected).equals(normal(predicted));
  }

  static String normal(String text) {
    int end = text.lastIndexOf(END_OF_REASONING);
    String answer = end < 0 ? text : text.substring(end + END_OF_REASONING.length());
    return answer.strip().toLowerCase(Locale.ROOT);
  }
}
