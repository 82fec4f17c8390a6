package io.tokenflex.score;

import java.util.List;

/**
 * VQA accuracy: the mean over annotators k of min(1, |{j != k: answer j = prediction}| / 3), all
 * normalised (Antol et al. 2015). One answer alone can never score.
 */
public final class VqaAccuracyScorer implements Scorer {
  /** That many other annotators must agree for the full score. */
  private static final int ENOUGH = 3;

  private final VqaNormalisation normalisation;

  public VqaAccuracyScorer(VqaNormalisation normalisation) {
    this.normalisation = normalisation;
  }

  @Override
  public Score score(Reference reference, String prediction) {
    List<String> answers = reference.answers();
    if (normalisation == VqaNormalisation.AUTHORS) {
      List<String> raw = answers.stream().map(VqaNormalisation::oneLine).toList();
      // Where all agree, the authors compare the texts as they are, case included.
      if (raw.stream().distinct().count() == 1) {
        return score(raw, VqaNormalisation.oneLine(prediction));
      }
    }
    return score(
        answers.stream().map(normalisation::apply).toList(), normalisation.apply(prediction));
  }

  private static Score score(List<String> answers, String prediction) {
    long matches = answers.stream().filter(prediction::equals).count();
    double sum = 0;
    for (String answer : answers) {
      long others = answer.equals(prediction) ? matches - 1 : matches;
      sum += Math.min(1, others / (double) ENOUGH);
    }
    return Score.of(sum / answers.size(), prediction);
  }
}
