package io.tokenflex.jobs.evaluate;

import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.joining;
import static java.util.stream.Collectors.toList;

import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.statistics.Interval;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * An evaluation in numbers; {@code summary.json} is this record.
 *
 * @param model path of the evaluated model folder
 * @param precision what the model computed in; empty in files written before it was stored, two if
 *     executors differed
 * @param numQuestions questions asked at each token count
 * @param batchSize questions decoded together
 * @param counts in ascending order of token count
 * @param kinds in alphabetical order; details of a kind follow it
 * @param score how answers were compared with what was expected; {@code exact} in files written
 *     before there was a choice
 * @param numBroken answers that are missing, for their rows could not be asked
 * @param comparisons of two counts each; none in files written before they were made
 * @param auto one if the questions were asked at numbers of vision tokens that the model chose
 * @param oracle one if answers were drawn beside the best count of each question
 */
public record EvaluationSummary(
    String model,
    String precision,
    int numQuestions,
    int batchSize,
    List<CountResult> counts,
    List<KindResult> kinds,
    String score,
    int numBroken,
    List<Sweep.Comparison> comparisons,
    List<AutoResult> auto,
    List<OracleResult> oracle) {

  public EvaluationSummary {
    precision = precision == null ? "" : precision;
    score = score == null ? "exact" : score;
    comparisons = comparisons == null ? List.of() : List.copyOf(comparisons);
    auto = auto == null ? List.of() : List.copyOf(auto);
    oracle = oracle == null ? List.of() : List.copyOf(oracle);
  }

  /**
   * All questions at one token count.
   *
   * @param secondsPerAnswer of one executor's model that decodes batches, pictures included; 0 in
   *     files written before it was stored
   * @param tokensPerSecond new tokens per second of one executor's model
   * @param accuracy mean score
   * @param interval of the accuracy, 95 %; NaN at both ends if there are too few questions to tell
   * @param newTokensPerAnswer generated tokens; 0 in files written before it was stored
   * @param latencyMedianSeconds of a question: the time of its whole batch
   * @param prefillFlops operations of a prompt in the mean; 0 in files written before it was stored
   * @param offCount whether the model was not trained at this count
   */
  public record CountResult(
      int numVisionTokens,
      double accuracy,
      Interval interval,
      double newTokensPerAnswer,
      double secondsPerAnswer,
      double tokensPerSecond,
      double latencyMedianSeconds,
      double latencyP95Seconds,
      double prefillFlops,
      boolean offCount) {
    public CountResult {
      interval = interval == null ? new Interval(Double.NaN, Double.NaN) : interval;
    }
  }

  /**
   * The questions of one kind (and detail).
   *
   * @param detail empty for all questions of the kind
   * @param chance accuracy of always giving the most common expected answer
   * @param accuracy per token count, in the order of {@link #counts}
   */
  public record KindResult(
      String kind,
      String detail,
      int numQuestions,
      int distinctAnswers,
      String mostCommonAnswer,
      double chance,
      List<Double> accuracy) {}

  /**
   * Sums up predictions.
   *
   * @param score how answers were compared with what was expected
   * @param predictions every question once for each token count, at each in the same order
   * @param trainedCounts of the model; empty if that is not known
   * @throws IllegalArgumentException if there is none
   */
  static EvaluationSummary of(
      String model,
      int batchSize,
      String score,
      List<Prediction> predictions,
      List<Integer> trainedCounts) {
    if (predictions.isEmpty()) {
      throw new InvalidInputException("No predictions: the held-out data holds no question");
    }
    Map<Integer, List<Prediction>> byCount =
        predictions.stream()
            .collect(groupingBy(Prediction::numVisionTokens, TreeMap::new, toList()));
    Sweep sweep =
        new Sweep(byCount.values().iterator().next().stream().map(Prediction::picture).toList());
    byCount.forEach(
        (count, answers) ->
            sweep.add(
                count, answers.stream().mapToDouble(answer -> answer.score().value()).toArray()));
    List<CountResult> counts = new ArrayList<>();
    byCount.forEach(
        (count, answers) ->
            counts.add(
                countResult(
                    count,
                    answers,
                    sweep.interval(count),
                    !trainedCounts.isEmpty() && !trainedCounts.contains(count))));

    List<Integer> order = List.copyOf(byCount.keySet());
    Map<String, List<Prediction>> byKind =
        predictions.stream().collect(groupingBy(Prediction::kind, TreeMap::new, toList()));
    List<KindResult> kinds = new ArrayList<>();
    byKind.forEach(
        (kind, ofKind) -> {
          kinds.add(kindResult(kind, "", ofKind, order));
          Map<String, List<Prediction>> byDetail =
              ofKind.stream()
                  .filter(prediction -> !prediction.detail().isEmpty())
                  .collect(
                      groupingBy(
                          Prediction::detail, () -> new TreeMap<>(NUMBERS_BY_VALUE), toList()));
          byDetail.forEach((detail, part) -> kinds.add(kindResult(kind, detail, part, order)));
        });
    String precision =
        predictions.stream().map(Prediction::precision).distinct().sorted().collect(joining(", "));
    int numQuestions = byCount.values().iterator().next().size();
    return new EvaluationSummary(
        model,
        precision,
        numQuestions,
        batchSize,
        List.copyOf(counts),
        List.copyOf(kinds),
        score,
        (int) predictions.stream().filter(Prediction::isBroken).count(),
        sweep.comparisons(),
        List.of(),
        List.of());
  }

  /** The same with what numbers of vision tokens came to that the model chose. */
  EvaluationSummary withAuto(AutoResult result) {
    return with(List.of(result), oracle);
  }

  /** The same with what the best of several answers to each question comes to. */
  EvaluationSummary withOracle(OracleResult result) {
    return with(auto, List.of(result));
  }

  private EvaluationSummary with(List<AutoResult> newAuto, List<OracleResult> newOracle) {
    return new EvaluationSummary(
        model,
        precision,
        numQuestions,
        batchSize,
        counts,
        kinds,
        score,
        numBroken,
        comparisons,
        newAuto,
        newOracle);
  }

  /** "8" before "11": shorter first, then alphabetically. */
  private static final Comparator<String> NUMBERS_BY_VALUE =
      Comparator.comparingInt(String::length).thenComparing(Comparator.naturalOrder());

  private static CountResult countResult(
      int count, List<Prediction> answers, Interval interval, boolean offCount) {
    double[] latencies =
        answers.stream()
            .filter(answer -> !answer.isBroken())
            .mapToDouble(Prediction::batchSeconds)
            .sorted()
            .toArray();
    double seconds = answers.stream().mapToDouble(Prediction::seconds).sum();
    long newTokens = answers.stream().mapToLong(Prediction::numNewTokens).sum();
    return new CountResult(
        count,
        accuracy(answers),
        interval,
        newTokens / (double) answers.size(),
        seconds / answers.size(),
        seconds > 0 ? newTokens / seconds : 0,
        percentile(latencies, 0.5),
        percentile(latencies, 0.95),
        answers.stream().mapToLong(answer -> answer.cost().prefillFlops()).average().orElse(0),
        offCount);
  }

  private static KindResult kindResult(
      String kind, String detail, List<Prediction> answers, List<Integer> counts) {
    List<Prediction> atFirstCount = at(answers, counts.get(0));
    Map<String, Long> expected =
        atFirstCount.stream()
            .collect(
                groupingBy(
                    answer -> Prediction.normal(answer.expected()), TreeMap::new, counting()));
    String mostCommon =
        expected.entrySet().stream().max(Map.Entry.comparingByValue()).orElseThrow().getKey();
    return new KindResult(
        kind,
        detail,
        atFirstCount.size(),
        expected.size(),
        mostCommon,
        (double) expected.get(mostCommon) / atFirstCount.size(),
        counts.stream().map(count -> accuracy(at(answers, count))).toList());
  }

  private static List<Prediction> at(List<Prediction> answers, int count) {
    return answers.stream().filter(answer -> answer.numVisionTokens() == count).toList();
  }

  private static double accuracy(List<Prediction> answers) {
    return answers.stream().mapToDouble(answer -> answer.score().value()).sum() / answers.size();
  }

  /** Nearest rank; 0 of nothing. */
  static double percentile(double[] ascending, double fraction) {
    if (ascending.length == 0) {
      return 0;
    }
    int rank = (int) Math.ceil(fraction * ascending.length);
    return ascending[Math.max(0, rank - 1)];
  }

  /** The accuracy table, one line per kind, ending with speed; widths fit a terminal. */
  public String toTable() {
    StringBuilder table = new StringBuilder();
    table.append("%-16s %5s %7s ".formatted("accuracy", "n", "chance"));
    counts.forEach(
        count ->
            table.append(
                "%9s".formatted(count.numVisionTokens() + (count.offCount() ? " off" : " tok"))));
    for (KindResult kind : kinds) {
      String name =
          kind.detail().isEmpty() ? kind.kind() : "  " + kind.kind() + " " + kind.detail();
      table.append(
          String.format(
              Locale.ROOT, "%n%-16s %5d %7s ", name, kind.numQuestions(), percent(kind.chance())));
      kind.accuracy().forEach(accuracy -> table.append("%9s".formatted(percent(accuracy))));
    }
    table.append(String.format(Locale.ROOT, "%n%-16s %5d %7s ", "all", numQuestions, ""));
    counts.forEach(count -> table.append("%9s".formatted(percent(count.accuracy()))));
    table.append("%n%-30s ".formatted("95 % interval, half of it"));
    counts.forEach(
        count -> {
          double half = (count.interval().high() - count.interval().low()) / 2;
          table.append("%9s".formatted(Double.isNaN(half) ? "-" : "±" + percent(half)));
        });
    table.append("%n%-30s ".formatted("new tokens/s per executor"));
    counts.forEach(
        count -> table.append(String.format(Locale.ROOT, "%9.1f", count.tokensPerSecond())));
    table.append("%n%-30s ".formatted("latency median, batch of " + batchSize));
    counts.forEach(
        count -> table.append(String.format(Locale.ROOT, "%8.2fs", count.latencyMedianSeconds())));
    table.append("%n%-30s ".formatted("latency p95"));
    counts.forEach(
        count -> table.append(String.format(Locale.ROOT, "%8.2fs", count.latencyP95Seconds())));
    table.append("%n%-30s ".formatted("prefill, MFLOPs an answer"));
    counts.forEach(
        count -> table.append(String.format(Locale.ROOT, "%9.0f", count.prefillFlops() / 1e6)));
    auto.forEach(result -> table.append("%n%s".formatted(result.toLines())));
    oracle.forEach(result -> table.append("%n%s".formatted(result.toLine())));
    table.append("%nchance = always giving the kind's most common answer".formatted());
    if (counts.stream().anyMatch(CountResult::offCount)) {
      table.append("; off = at this count the model was not trained");
    }
    return table.toString();
  }

  /** Overall accuracy at each count. */
  public String toOneLine() {
    return counts.stream()
        .map(count -> percent(count.accuracy()) + " at " + count.numVisionTokens() + " tokens")
        .collect(joining(", "));
  }

  private static String percent(double fraction) {
    return String.format(Locale.ROOT, "%.1f%%", 100 * fraction);
  }
}
