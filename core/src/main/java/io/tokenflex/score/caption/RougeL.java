package io.tokenflex.score.caption;

import io.tokenflex.python.PythonText;
import java.util.List;
import java.util.stream.IntStream;

/**
 * ROUGE-L (Lin 2004) with beta = 1.2: the longest common subsequence of words, with the best
 * precision and the best recall over the references, which may be of different ones.
 */
public final class RougeL {
  private static final double BETA = 1.2;

  private RougeL() {}

  /** A fraction for each caption. */
  public static List<Double> scores(CaptionSet set) {
    return IntStream.range(0, set.captions().size())
        .mapToObj(i -> score(set.captions().get(i), set.references().get(i)))
        .toList();
  }

  private static double score(String caption, List<String> references) {
    // Split at single blanks: two blanks make an empty word, and an empty text is one.
    List<String> words = PythonText.split(caption, " ");
    double precision = 0;
    double recall = 0;
    for (String reference : references) {
      List<String> other = PythonText.split(reference, " ");
      double common = longestCommon(other, words);
      precision = Math.max(precision, common / words.size());
      recall = Math.max(recall, common / other.size());
    }
    return precision == 0 || recall == 0
        ? 0
        : (1 + BETA * BETA) * precision * recall / (recall + BETA * BETA * precision);
  }

  private static int longestCommon(List<String> first, List<String> second) {
    int[] previous = new int[second.size() + 1];
    for (String word : first) {
      int[] current = new int[second.size() + 1];
      for (int j = 1; j <= second.size(); j++) {
        current[j] =
            word.equals(second.get(j - 1))
                ? previous[j - 1] + 1
                : Math.max(previous[j], current[j - 1]);
      }
      previous = current;
    }
    return previous[second.size()];
  }
}
