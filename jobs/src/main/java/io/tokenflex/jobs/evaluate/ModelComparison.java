package io.tokenflex.jobs.evaluate;

import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.statistics.Clusters;
import io.tokenflex.statistics.Interval;
import io.tokenflex.statistics.PairedComparison;
import io.tokenflex.statistics.SeveralTests;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * Two models on the same questions at one count.
 *
 * @param difference mean score of {@code second} minus that of {@code first}
 * @param interval 95 %, Student's t on the clustered error
 * @param p of flipping the signs of whole clusters, two-sided; exact McNemar's where no two
 *     questions share a picture
 * @param holmP corrected by Holm's method for all pairs of models and counts
 */
public record ModelComparison(
    String first,
    String second,
    int numVisionTokens,
    int numQuestions,
    double difference,
    Interval interval,
    double p,
    double holmP) {
  private static final long SEED = 1;

  /**
   * Every pair of models at every count.
   *
   * @param byModel answers of each model by its name, in the order of the data
   * @throws InvalidInputException if two models answered different questions
   */
  static List<ModelComparison> of(Map<String, List<Prediction>> byModel) {
    List<String> names = List.copyOf(byModel.keySet());
    Map<String, Map<Integer, List<Prediction>>> byCount = new LinkedHashMap<>();
    byModel.forEach((name, predictions) -> byCount.put(name, byCount(predictions)));
    List<ModelComparison> pairs = new ArrayList<>();
    for (int i = 0; i < names.size(); i++) {
      for (int j = i + 1; j < names.size(); j++) {
        Map<Integer, List<Prediction>> first = byCount.get(names.get(i));
        Map<Integer, List<Prediction>> second = byCount.get(names.get(j));
        for (Map.Entry<Integer, List<Prediction>> at : first.entrySet()) {
          if (second.containsKey(at.getKey())) {
            pairs.add(of(names.get(i), names.get(j), at.getValue(), second.get(at.getKey())));
          }
        }
      }
    }
    return corrected(pairs);
  }

  /** The same pairs with Holm's correction for all of them. */
  public static List<ModelComparison> corrected(List<ModelComparison> pairs) {
    List<Double> corrected = SeveralTests.holm(pairs.stream().map(ModelComparison::p).toList());
    return IntStream.range(0, pairs.size())
        .mapToObj(i -> pairs.get(i).withHolm(corrected.get(i)))
        .toList();
  }

  private static Map<Integer, List<Prediction>> byCount(Collection<Prediction> predictions) {
    Map<Integer, List<Prediction>> byCount = new TreeMap<>();
    predictions.forEach(
        answer ->
            byCount
                .computeIfAbsent(answer.numVisionTokens(), count -> new ArrayList<>())
                .add(answer));
    return byCount;
  }

  private static ModelComparison of(
      String firstName, String secondName, List<Prediction> first, List<Prediction> second) {
    if (!questions(first).equals(questions(second))) {
      throw new InvalidInputException(
          firstName
              + " and "
              + secondName
              + " answered different questions; evaluate both in one command, on one version of the"
              + " data");
    }
    return of(
        firstName,
        secondName,
        first.get(0).numVisionTokens(),
        scores(first),
        scores(second),
        Clusters.of(first.stream().map(Prediction::picture).toList()));
  }

  /**
   * Two models at one count; not yet corrected for other pairs.
   *
   * @param a scores of the first model, 0 to 1
   * @param b scores of the second for the same questions in the same order
   * @param clusters questions that belong together, such as those about one picture
   */
  public static ModelComparison of(
      String firstName,
      String secondName,
      int numVisionTokens,
      double[] a,
      double[] b,
      Clusters clusters) {
    PairedComparison paired = PairedComparison.of(b, a, clusters);
    boolean isSigns = clusters.areSingle() && areZeroOrOne(a) && areZeroOrOne(b);
    return new ModelComparison(
        firstName,
        secondName,
        numVisionTokens,
        a.length,
        paired.meanDifference(),
        paired.interval(),
        isSigns ? paired.mcNemarP() : PairedComparison.signFlipP(b, a, clusters, SEED),
        Double.NaN);
  }

  private ModelComparison withHolm(double corrected) {
    return new ModelComparison(
        first, second, numVisionTokens, numQuestions, difference, interval, p, corrected);
  }

  private static List<String> questions(List<Prediction> predictions) {
    return predictions.stream().map(answer -> answer.id() + "#" + answer.questionIndex()).toList();
  }

  private static double[] scores(List<Prediction> predictions) {
    return predictions.stream().mapToDouble(answer -> answer.score().value()).toArray();
  }

  private static boolean areZeroOrOne(double[] values) {
    for (double value : values) {
      if (value != 0 && value != 1) {
        return false;
      }
    }
    return true;
  }

  /** In words, a line for a terminal. */
  public String toLine() {
    return String.format(
        Locale.ROOT,
        "%s - %s at %d tokens: %+.2f points (95 %%: %+.2f to %+.2f), p %.4f, by Holm %.4f",
        second,
        first,
        numVisionTokens,
        100 * difference,
        100 * interval.low(),
        100 * interval.high(),
        p,
        holmP);
  }
}
