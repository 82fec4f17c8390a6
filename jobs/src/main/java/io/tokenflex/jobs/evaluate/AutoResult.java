package io.tokenflex.jobs.evaluate;

import io.tokenflex.adaptive.Calibration;
import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.statistics.ClusterBootstrap;
import io.tokenflex.statistics.Clusters;
import io.tokenflex.statistics.Interval;
import io.tokenflex.statistics.MeanInterval;
import io.tokenflex.statistics.PairedComparison;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The questions at numbers of vision tokens that the model chose, beside the largest number.
 *
 * @param method how they were chosen
 * @param interval of the accuracy, 95 %
 * @param comparedWith the largest number that all questions were asked at
 * @param difference accuracy minus that at {@code comparedWith}
 * @param interval90 of the difference, 90 %: it is within a point at a level of 5 % if this lies
 *     within a point
 * @param p of flipping the signs of whole clusters, two-sided
 * @param meanVisionTokens an image, those of answers that were given up included
 * @param comparedSeconds seconds an answer at {@code comparedWith}
 * @param prefillFlops operations of a prompt, those of answers that were given up included
 * @param comparedFlops operations of a prompt at {@code comparedWith}
 * @param shares of the questions that were answered at each number
 */
public record AutoResult(
    String method,
    double accuracy,
    Interval interval,
    int comparedWith,
    double difference,
    Interval interval90,
    double p,
    double meanVisionTokens,
    double secondsPerAnswer,
    double comparedSeconds,
    double prefillFlops,
    double comparedFlops,
    Map<Integer, Double> shares) {
  private static final long SEED = 1;

  /**
   * Sums up.
   *
   * @param auto every question once
   * @param largest the same questions in the same order, at the largest number
   * @throws InvalidInputException if the calibration has seen a picture of the questions
   */
  static AutoResult of(Calibration calibration, List<Prediction> auto, List<Prediction> largest) {
    refuseSeen(calibration, auto.stream().map(Prediction::picture).toList());
    Clusters clusters = Clusters.of(auto.stream().map(Prediction::picture).toList());
    double[] scores = scores(auto);
    double[] others = scores(largest);
    PairedComparison pairs = PairedComparison.of(scores, others, clusters);
    Map<Integer, Double> shares = new TreeMap<>();
    auto.forEach(
        answer -> shares.merge(answer.cost().numVisionTokens(), 1.0 / auto.size(), Double::sum));
    return new AutoResult(
        calibration.method().name().toLowerCase(Locale.ROOT),
        mean(scores),
        clusters.size() < 2
            ? new Interval(Double.NaN, Double.NaN)
            : MeanInterval.of(scores, clusters, Sweep.bootstrap(ClusterBootstrap.DRAWS)),
        largest.get(0).numVisionTokens(),
        pairs.meanDifference(),
        pairs.interval(0.9, clusters),
        PairedComparison.signFlipP(scores, others, clusters, SEED),
        auto.stream().mapToInt(a -> a.cost().visionTokensTried()).average().orElse(0),
        auto.stream().mapToDouble(Prediction::seconds).average().orElse(0),
        largest.stream().mapToDouble(Prediction::seconds).average().orElse(0),
        auto.stream().mapToLong(a -> a.cost().prefillFlops()).average().orElse(0),
        largest.stream().mapToLong(a -> a.cost().prefillFlops()).average().orElse(0),
        shares);
  }

  /**
   * Refuses questions whose pictures the calibration has seen.
   *
   * @param pictures digests of their files
   */
  static void refuseSeen(Calibration calibration, Collection<String> pictures) {
    Set<String> seen = Set.copyOf(calibration.source().pictures());
    long known = pictures.stream().distinct().filter(seen::contains).count();
    if (known > 0) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "The model's calibration was made on %d of the pictures that are evaluated: its"
                  + " numbers would be flattered. Calibrate on other data (data.calibrate), or"
                  + " evaluate on other data",
              known));
    }
  }

  private static double[] scores(List<Prediction> predictions) {
    return predictions.stream().mapToDouble(prediction -> prediction.score().value()).toArray();
  }

  private static double mean(double[] values) {
    double sum = 0;
    for (double value : values) {
      sum += value;
    }
    return sum / values.length;
  }

  /** In words, lines for a terminal. */
  String toLines() {
    StringBuilder text = new StringBuilder();
    text.append(
        String.format(
            Locale.ROOT,
            "auto (%s): %.1f%%, %+.2f points to %d tokens (90 %%: %+.2f to %+.2f; p %.3f)",
            method,
            100 * accuracy,
            100 * difference,
            comparedWith,
            100 * interval90.low(),
            100 * interval90.high(),
            p));
    text.append(
        String.format(
            Locale.ROOT,
            "%n  %.1f vision tokens an image (%.0f%%), %.4f s an answer (%.0f%%), %.0f%% of the"
                + " prefill FLOPs",
            meanVisionTokens,
            100 * meanVisionTokens / comparedWith,
            secondsPerAnswer,
            100 * secondsPerAnswer / comparedSeconds,
            100 * prefillFlops / comparedFlops));
    text.append(String.format(Locale.ROOT, "%n  answered at"));
    shares.forEach(
        (count, share) ->
            text.append(String.format(Locale.ROOT, "  %d: %.1f%%", count, 100 * share)));
    return text.toString();
  }
}
