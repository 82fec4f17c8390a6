package io.tokenflex.jobs.evaluate;

import io.tokenflex.failure.InvalidInputException;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Questions that were answered, but whose data does not tell what is right. */
final class BrokenReferences {
  private static final Logger log = LoggerFactory.getLogger(BrokenReferences.class);
  private static final int MAX_NAMED = 5;

  private BrokenReferences() {}

  /**
   * Names some of them, once for all token counts.
   *
   * @param maxBrokenFraction of the predictions, those that could not be asked included
   * @throws InvalidInputException if there are more
   */
  static void check(List<Prediction> predictions, double maxBrokenFraction) {
    List<Prediction> incomparable =
        predictions.stream().filter(Prediction::isIncomparable).toList();
    if (incomparable.isEmpty()) {
      return;
    }
    String named =
        incomparable.stream()
            .map(row -> row.id() + "#" + row.questionIndex() + ": " + row.problem())
            .distinct()
            .limit(MAX_NAMED)
            .collect(Collectors.joining("; "));
    String told =
        String.format(
            Locale.ROOT,
            "evaluate: %d of %d answers count as wrong, for there is nothing to compare them with,"
                + " for instance %s",
            incomparable.size(),
            predictions.size(),
            named);
    long numBroken = predictions.stream().filter(Prediction::isBroken).count();
    if (numBroken > maxBrokenFraction * predictions.size()) {
      throw new InvalidInputException(
          told
              + ". That is more than maxBrokenFraction = "
              + maxBrokenFraction
              + " allows. Prepare the data again, which rejects such records, choose another"
              + " evaluate.score, or raise it");
    }
    log.warn("{}", told);
  }
}
