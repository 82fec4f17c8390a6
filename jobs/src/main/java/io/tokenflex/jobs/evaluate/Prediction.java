package io.tokenflex.jobs.evaluate;

import io.tokenflex.jobs.answers.AnsweredRow;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * What the model answered to one question at one token count: a row of the predictions table.
 *
 * @param detail empty if the sample has none
 * @param picture digest of the sample's first picture; questions about one picture belong together
 * @param batchSize questions answered in the same call; 0 if the row is broken
 * @param batchSeconds wall-clock time of that call: the latency of each of its questions
 * @param precision what the model computed in
 * @param problem why a broken row has no answer, else empty
 */
public record Prediction(
    String id,
    int questionIndex,
    String kind,
    String detail,
    String question,
    String expected,
    String predicted,
    String picture,
    int numVisionTokens,
    int numNewTokens,
    int batchSize,
    double batchSeconds,
    String precision,
    String problem) {

  private static final String END_OF_REASONING = "</think>";

  /** An answer to a row of {@link HeldoutRows}. */
  static Prediction of(
      AnsweredRow answer,
      int numVisionTokens,
      String precision,
      String kindKey,
      Optional<String> detailKey) {
    Map<String, String> carried = answer.carried();
    return new Prediction(
        carried.get(HeldoutRows.SAMPLE),
        Integer.parseInt(carried.get(HeldoutRows.QUESTION_INDEX)),
        carried.getOrDefault(HeldoutRows.METADATA + kindKey, Question.NO_KIND),
        detailKey.map(key -> carried.get(HeldoutRows.METADATA + key)).orElse(""),
        carried.get(HeldoutRows.QUESTION),
        carried.get(HeldoutRows.EXPECTED),
        answer.text(),
        carried.get(HeldoutRows.PICTURE),
        numVisionTokens,
        answer.numNewTokens(),
        answer.batchSize(),
        answer.batchSeconds(),
        precision,
        answer.problem());
  }

  /**
   * Whether both texts are the same after trimming and without regard to case. Of a reasoning model
   * it is what follows the reasoning that counts, in what was expected too.
   */
  public boolean correct() {
    return normal(expected).equals(normal(predicted));
  }

  boolean isBroken() {
    return !problem.isEmpty();
  }

  /** The question's share of its batch's time; a batch's seconds stand in each of its rows. */
  double seconds() {
    return batchSize == 0 ? 0 : batchSeconds / batchSize;
  }

  static String normal(String text) {
    int end = text.lastIndexOf(END_OF_REASONING);
    String answer = end < 0 ? text : text.substring(end + END_OF_REASONING.length());
    return answer.strip().toLowerCase(Locale.ROOT);
  }
}
