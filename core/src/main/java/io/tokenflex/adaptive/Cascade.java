package io.tokenflex.adaptive;

import io.tokenflex.failure.InvalidInputException;
import java.util.List;

/**
 * Answers at the smallest count first and goes up while the answer is not sure enough.
 *
 * @param counts that are tried, ascending
 * @param acceptFrom confidence from which the answer at each count but the last is taken
 */
public record Cascade(ConfidenceMeasure measure, List<Integer> counts, List<Double> acceptFrom) {
  public Cascade {
    counts = List.copyOf(counts);
    acceptFrom = List.copyOf(acceptFrom);
    if (counts.isEmpty() || acceptFrom.size() != counts.size() - 1) {
      throw new InvalidInputException(
          "A cascade over "
              + counts
              + " has "
              + acceptFrom.size()
              + " limits of confidence; expected one for each count but the last");
    }
  }

  /** Whether an answer is final. */
  boolean accepts(int level, double confidence) {
    return level == counts.size() - 1 || confidence >= acceptFrom.get(level);
  }
}
