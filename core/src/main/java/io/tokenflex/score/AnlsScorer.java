package io.tokenflex.score;

import io.tokenflex.python.PythonText;
import java.util.List;

/**
 * Average normalised Levenshtein similarity with threshold 0.5 (Biten et al. 2019), for DocVQA and
 * InfoVQA; VLMEvalKit and lmms-eval agree.
 */
public final class AnlsScorer implements Scorer {
  private static final double THRESHOLD = 0.5;

  @Override
  public Score score(Reference reference, String prediction) {
    double smallest =
        distances(reference.answers(), prediction).stream()
            .mapToDouble(distance -> distance)
            .min()
            .orElseThrow();
    double similarity = 1 - smallest;
    return Score.of(similarity < THRESHOLD ? 0 : similarity, PythonText.strip(prediction));
  }

  /**
   * Distance from each answer: edits between the texts in lower case, blanks joined, by the larger
   * length of the texts as they are, in upper case. 0 if both are empty.
   */
  public static List<Double> distances(List<String> answers, String prediction) {
    return answers.stream().map(answer -> distance(answer, prediction)).toList();
  }

  private static double distance(String answer, String prediction) {
    int length =
        Math.max(
            PythonText.length(PythonText.upper(answer)),
            PythonText.length(PythonText.upper(prediction)));
    return length == 0
        ? 0
        : EditDistance.between(joined(answer), joined(prediction)) / (double) length;
  }

  private static String joined(String text) {
    return String.join(" ", PythonText.split(PythonText.lower(PythonText.strip(text))));
  }
}
