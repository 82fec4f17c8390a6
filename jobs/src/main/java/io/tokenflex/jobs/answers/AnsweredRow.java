package io.tokenflex.jobs.answers;

import com.fasterxml.jackson.annotation.JsonIgnore;
import io.tokenflex.generate.Answer.Confidence;
import io.tokenflex.generate.Answer.Cost;
import java.io.Serializable;
import java.util.Map;
import java.util.TreeMap;

/**
 * What the model answered to one row at one token count.
 *
 * @param text the answer; empty if the row is broken
 * @param batchSize rows answered in the same call
 * @param batchSeconds wall-clock time of that call; of a broken row 0, as its other numbers
 * @param problem why a broken row has no answer, else empty
 * @param carried as the source gave it
 * @param confidence of the answer; of a broken row without meaning, as is
 * @param cost of the prompt
 */
public record AnsweredRow(
    String id,
    String text,
    int numNewTokens,
    int batchSize,
    double batchSeconds,
    String problem,
    Map<String, String> carried,
    Confidence confidence,
    Cost cost)
    implements Serializable {
  public AnsweredRow {
    carried = new TreeMap<>(carried); // serializable, and written in one order
  }

  /** Whether the row could not be asked. */
  @JsonIgnore
  public boolean isBroken() {
    return !problem.isEmpty();
  }

  static AnsweredRow broken(PromptRow row, String problem) {
    return new AnsweredRow(
        row.id(), "", 0, 0, 0, problem, row.carried(), Confidence.CERTAIN, Cost.UNKNOWN);
  }
}
