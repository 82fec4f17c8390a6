package io.tokenflex.jobs.evaluate;

import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.generate.Answer.Cost;
import io.tokenflex.jobs.answers.AnsweredRow;
import io.tokenflex.jobs.config.EvaluateConfig;
import io.tokenflex.jobs.failure.Failures;
import io.tokenflex.score.Outcome;
import io.tokenflex.score.Score;
import java.util.Locale;
import java.util.Map;

/**
 * What the model answered to one question at one token count: a row of the predictions table.
 *
 * @param detail empty if the sample has none
 * @param picture digest of the sample's first picture; questions about one picture belong together
 * @param batchSize questions answered in the same call; 0 if the row is broken
 * @param batchSeconds wall-clock time of that call: the latency of each of its questions
 * @param precision what the model computed in
 * @param problem why a broken row has no answer, or nothing to compare it with; else empty
 * @param score what the answer is worth; of a broken row nothing
 * @param cost of its prompt
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
    String problem,
    Score score,
    Cost cost) {

  /** The kind of a sample that does not say one. */
  static final String NO_KIND = "all";

  /** An answer to a row of {@link HeldoutRows}. */
  static Prediction of(
      AnsweredRow answer, int numVisionTokens, String precision, EvaluateConfig config) {
    Map<String, String> carried = answer.carried();
    String problem = answer.problem();
    Score score = Score.of(false, "");
    if (!answer.isBroken()) {
      try {
        score =
            config
                .score()
                .scorer()
                .score(
                    HeldoutReference.of(carried, config.score()),
                    Reasoning.answerIn(answer.text()));
      } catch (InvalidInputException e) {
        problem = Failures.inOneLine(e);
      }
    }
    return new Prediction(
        carried.get(HeldoutRows.SAMPLE),
        Integer.parseInt(carried.get(HeldoutRows.QUESTION_INDEX)),
        carried.getOrDefault(HeldoutRows.METADATA + config.kindKey(), NO_KIND),
        config.detailKey().map(key -> carried.get(HeldoutRows.METADATA + key)).orElse(""),
        carried.get(HeldoutRows.QUESTION),
        carried.get(HeldoutRows.EXPECTED),
        answer.text(),
        carried.get(HeldoutRows.PICTURE),
        numVisionTokens,
        answer.numNewTokens(),
        answer.batchSize(),
        answer.batchSeconds(),
        precision,
        problem,
        score,
        answer.cost());
  }

  /** Whether the answer is right, and not only in part. */
  public boolean correct() {
    return score.outcome() == Outcome.RIGHT;
  }

  boolean isBroken() {
    return !problem.isEmpty();
  }

  /** Whether there is an answer, but nothing to compare it with. */
  boolean isIncomparable() {
    return isBroken() && batchSize > 0;
  }

  /** The question's share of its batch's time; a batch's seconds stand in each of its rows. */
  double seconds() {
    return batchSize == 0 ? 0 : batchSeconds / batchSize;
  }

  /** An expected answer as those are counted that are given most often. */
  static String normal(String text) {
    return Reasoning.answerIn(text).strip().toLowerCase(Locale.ROOT);
  }
}
