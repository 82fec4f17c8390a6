package io.tokenflex.score.caption;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * CIDEr-D (Vedantam et al. 2015): cosine of n-gram vectors, n = 1 to 4, whose weights are count ·
 * (ln N - ln max(1, df)), clipped to the reference's, times exp(-delta^2 / 72) for the difference
 * in length, as pycocoevalcap measures it, in bigrams. Of one picture alone it is 0.
 */
public final class Cider {
  private static final double SIGMA = 6;

  private final Map<List<String>, Integer> documentFrequency = new HashMap<>();
  private final double logNumPictures;

  private Cider(List<List<Map<List<String>, Integer>>> references) {
    this.logNumPictures = Math.log(references.size());
    for (List<Map<List<String>, Integer>> ofPicture : references) {
      Set<List<String>> ngrams = new HashSet<>();
      ofPicture.forEach(counts -> ngrams.addAll(counts.keySet()));
      ngrams.forEach(ngram -> documentFrequency.merge(ngram, 1, Integer::sum));
    }
  }

  /** The score of each caption, as a fraction: 10 at most. */
  public static List<Double> scores(CaptionSet set) {
    List<List<Map<List<String>, Integer>>> references =
        set.references().stream().map(texts -> texts.stream().map(Ngrams::count).toList()).toList();
    Cider cider = new Cider(references);
    List<Double> scores = new ArrayList<>();
    for (int i = 0; i < set.captions().size(); i++) {
      Vector caption = cider.vector(Ngrams.count(set.captions().get(i)));
      double sum = 0;
      for (Map<List<String>, Integer> reference : references.get(i)) {
        sum += similarity(caption, cider.vector(reference));
      }
      scores.add(10 * sum / Ngrams.MAX_LENGTH / references.get(i).size());
    }
    return scores;
  }

  /** Weights by n-gram, the norm for each length, and the number of bigrams. */
  private record Vector(Map<List<String>, Double> weights, List<Double> norms, int numBigrams) {}

  private Vector vector(Map<List<String>, Integer> counts) {
    Map<List<String>, Double> weights = new HashMap<>();
    double[] norms = new double[Ngrams.MAX_LENGTH];
    int numBigrams = 0;
    for (Map.Entry<List<String>, Integer> entry : counts.entrySet()) {
      int frequency = Math.max(1, documentFrequency.getOrDefault(entry.getKey(), 0));
      double weight = entry.getValue() * (logNumPictures - Math.log(frequency));
      int length = entry.getKey().size();
      weights.put(entry.getKey(), weight);
      norms[length - 1] += weight * weight;
      numBigrams += length == 2 ? entry.getValue() : 0;
    }
    for (int i = 0; i < norms.length; i++) {
      norms[i] = Math.sqrt(norms[i]);
    }
    return new Vector(weights, Arrays.stream(norms).boxed().toList(), numBigrams);
  }

  /** Summed over the lengths of n-grams. */
  private static double similarity(Vector caption, Vector reference) {
    double[] products = new double[Ngrams.MAX_LENGTH];
    caption
        .weights()
        .forEach(
            (ngram, weight) -> {
              double other = reference.weights().getOrDefault(ngram, 0.0);
              products[ngram.size() - 1] += Math.min(weight, other) * other;
            });
    double sum = 0;
    for (int i = 0; i < products.length; i++) {
      double norm = caption.norms().get(i) * reference.norms().get(i);
      sum += norm == 0 ? products[i] : products[i] / norm;
    }
    double delta = caption.numBigrams() - reference.numBigrams();
    return sum * Math.exp(-delta * delta / (2 * SIGMA * SIGMA));
  }
}
