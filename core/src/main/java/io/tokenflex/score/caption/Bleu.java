package io.tokenflex.score.caption;

import io.tokenflex.python.PythonText;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * BLEU-1 to BLEU-4 of all captions together (Papineni et al. 2002), against the reference length
 * that is closest, with the small constants of pycocoevalcap that keep it from dividing by 0.
 */
public final class Bleu {
  private static final double SMALL = 1e-9;
  private static final double TINY = 1e-15;

  private Bleu() {}

  /** Four fractions. */
  public static List<Double> scores(CaptionSet set) {
    double[] guessed = new double[Ngrams.MAX_LENGTH];
    double[] right = new double[Ngrams.MAX_LENGTH];
    double captionLength = 0;
    double referenceLength = 0;
    for (int i = 0; i < set.captions().size(); i++) {
      int length = PythonText.split(set.captions().get(i)).size();
      captionLength += length;
      referenceLength += closest(length, set.references().get(i));
      for (int n = 0; n < Ngrams.MAX_LENGTH; n++) {
        guessed[n] += Math.max(0, length - n);
      }
      Map<List<String>, Integer> allowed = new HashMap<>();
      for (String reference : set.references().get(i)) {
        Ngrams.count(reference).forEach((ngram, count) -> allowed.merge(ngram, count, Math::max));
      }
      Ngrams.count(set.captions().get(i))
          .forEach(
              (ngram, count) ->
                  right[ngram.size() - 1] += Math.min(count, allowed.getOrDefault(ngram, 0)));
    }
    double ratio = (captionLength + TINY) / (referenceLength + SMALL);
    double brevity = ratio < 1 ? Math.exp(1 - 1 / ratio) : 1;
    List<Double> scores = new ArrayList<>();
    double product = 1;
    for (int n = 0; n < Ngrams.MAX_LENGTH; n++) {
      product *= (right[n] + TINY) / (guessed[n] + SMALL);
      scores.add(Math.pow(product, 1.0 / (n + 1)) * brevity);
    }
    return scores;
  }

  /** Of two equally close the shorter. */
  private static int closest(int length, List<String> references) {
    return references.stream()
        .map(reference -> PythonText.split(reference).size())
        .min(
            Comparator.comparingInt((Integer size) -> Math.abs(size - length))
                .thenComparing(Comparator.naturalOrder()))
        .orElseThrow();
  }
}
