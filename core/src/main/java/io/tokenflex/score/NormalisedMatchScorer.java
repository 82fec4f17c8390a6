package io.tokenflex.score;

import java.util.List;

/**
 * The share of the answers that the prediction equals after VQA normalisation: so one of two
 * different answers gives 0.5.
 */
public final class NormalisedMatchScorer implements Scorer {
  @Override
  public Score score(Reference reference, String prediction) {
    String given = VqaNormalisation.VLMEVALKIT.apply(prediction);
    List<String> answers = reference.answers();
    long equal =
        answers.stream().map(VqaNormalisation.VLMEVALKIT::apply).filter(given::equals).count();
    return Score.of(equal / (double) answers.size(), given);
  }
}
