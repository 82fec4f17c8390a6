package io.tokenflex.jobs.evaluate;

import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.jobs.config.HeldoutScore;
import io.tokenflex.score.OcrBenchScorer;
import io.tokenflex.score.Reference;
import io.tokenflex.score.ReferenceList;
import io.tokenflex.score.YesNoScorer;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What an answer to a held-out question is compared with. */
final class HeldoutReference {
  private HeldoutReference() {}

  /**
   * The accepted answers that the sample lists, else its assistant's turn.
   *
   * @param carried beside an answer to a row of {@link HeldoutRows}
   * @throws InvalidInputException if the list is none of texts, or the rule cannot use it
   */
  static Reference of(Map<String, String> carried, HeldoutScore score) {
    String listed = carried.get(HeldoutRows.METADATA + ReferenceList.KEY);
    Reference reference =
        listed == null
            ? Reference.of(Reasoning.answerIn(carried.get(HeldoutRows.EXPECTED)))
            : Reference.ofAny(ReferenceList.parse(listed));
    return switch (score) {
      case YES_NO ->
          Reference.ofAny(reference.asListed().stream().map(HeldoutReference::yesNo).toList());
      case CONTAINED -> contained(reference.answers());
      default -> reference;
    };
  }

  /** The rule compares with its own words, whatever their case in the data. */
  private static String yesNo(String answer) {
    String read = YesNoScorer.read(answer);
    if (read.equals(YesNoScorer.UNKNOWN)) {
      throw new InvalidInputException(
          "The expected answer is " + answer + "; the rule yes-no expects yes or no");
    }
    return read;
  }

  /** Whole texts, of no category: OCRBench's rule has one of its own for formulas. */
  private static Reference contained(List<String> answers) {
    return new Reference(
        answers.get(0), new TreeMap<>(), Map.of(OcrBenchScorer.CATEGORY, ""), answers);
  }
}
