package io.tokenflex.score;

import java.util.List;
import java.util.Set;

/** MMMU by its authors' rules: {@link MmmuAuthorsChoice}, and {@link MmmuAuthorsOpen} without. */
public final class MmmuAuthorsScorer implements Scorer {
  @Override
  public Score score(Reference reference, String prediction) {
    if (!reference.choices().isEmpty()) {
      return MmmuAuthorsChoice.read(prediction, reference.choices())
          .map(letter -> Score.of(letter.equals(reference.answer()), letter))
          .orElseGet(Score::unparsed);
    }
    Set<Object> candidates = MmmuAuthorsOpen.candidates(prediction);
    List<String> answers = reference.answers();
    return Score.of(MmmuAuthorsOpen.isRight(answers, candidates), candidates.toString());
  }
}
