package io.tokenflex.jobs.evaluate;

import io.tokenflex.failure.InvalidInputException;
import java.util.List;
import java.util.Locale;

/**
 * What could be reached if the best of several answers to each question were known, and how much of
 * that is luck: K independent answers of accuracy p reach 1 - (1 - p)^K together.
 *
 * @param bestCount mean over the questions of the best score at any count
 * @param numAnswers answers to a question in either number
 * @param repeatsAt the largest count, at which the repeats were drawn
 * @param temperature at which they were
 * @param bestRepeat mean over the questions of the best score of any repeat
 */
public record OracleResult(
    double bestCount, int numAnswers, int repeatsAt, double temperature, double bestRepeat) {
  /**
   * Compares.
   *
   * @param byCount answers to the same questions in the same order, a list for each count
   * @param repeats the same, a list for each repeat; as many
   */
  static OracleResult of(
      List<List<Prediction>> byCount, List<List<Prediction>> repeats, double temperature) {
    if (repeats.size() != byCount.size()) {
      throw new InvalidInputException(
          repeats.size()
              + " repeats beside "
              + byCount.size()
              + " counts; the best of more answers is better by luck alone");
    }
    return new OracleResult(
        best(byCount),
        byCount.size(),
        repeats.get(0).get(0).numVisionTokens(),
        temperature,
        best(repeats));
  }

  private static double best(List<List<Prediction>> answers) {
    int numQuestions = answers.get(0).size();
    double sum = 0;
    for (int question = 0; question < numQuestions; question++) {
      double best = 0;
      for (List<Prediction> of : answers) {
        best = Math.max(best, of.get(question).score().value());
      }
      sum += best;
    }
    return sum / numQuestions;
  }

  /** In words, a line for a terminal. */
  String toLine() {
    return String.format(
        Locale.ROOT,
        "oracle: %.1f%% at the best of %d counts; %.1f%% by the best of %d answers drawn at %d tokens"
            + " (temperature %s)",
        100 * bestCount,
        numAnswers,
        100 * bestRepeat,
        numAnswers,
        repeatsAt,
        temperature);
  }
}
