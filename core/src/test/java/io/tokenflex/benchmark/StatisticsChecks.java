package io.tokenflex.benchmark;

import com.fasterxml.jackson.databind.JsonNode;
import io.tokenflex.statistics.Clusters;
import io.tokenflex.statistics.Interval;
import io.tokenflex.statistics.PairedComparison;
import io.tokenflex.statistics.Proportions;
import io.tokenflex.statistics.SeveralTests;
import io.tokenflex.statistics.StandardErrors;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Errors, intervals and tests. */
final class StatisticsChecks {
  static final Map<String, CaseCheck> ALL = Map.of("statistics", StatisticsChecks::statistics);

  private StatisticsChecks() {}

  private static void statistics(JsonNode input, JsonNode whole, Differences differences) {
    JsonNode expected = whole.get("expected");
    String kind = input.get("kind").asText();
    switch (kind) {
      case "clustered_stderr" -> clustered(input, expected, differences);
      case "paired" -> paired(input, expected, differences);
      case "proportion" -> proportion(input, expected, differences);
      case "pooled_stderr" ->
          differences.expect(
              kind,
              StandardErrors.pooled(
                  doubles(input.get("stderrs")),
                  doubles(input.get("sizes")).stream().map(Double::intValue).toList()),
              expected);
      case "several_tests" -> {
        differences.expectKeys(expected, "holm", "benjamini_hochberg");
        List<Double> p = doubles(input.get("p"));
        differences.expect("holm", SeveralTests.holm(p), expected.get("holm"));
        differences.expect(
            "benjamini_hochberg",
            SeveralTests.benjaminiHochberg(p),
            expected.get("benjamini_hochberg"));
      }
      default -> throw new IllegalStateException("kind '" + kind + "' is not known");
    }
  }

  private static List<Double> doubles(JsonNode array) {
    List<Double> values = new ArrayList<>();
    array.forEach(node -> values.add(node.asDouble()));
    return values;
  }

  private static double[] array(JsonNode array) {
    return doubles(array).stream().mapToDouble(value -> value).toArray();
  }

  private static void clustered(JsonNode input, JsonNode expected, Differences differences) {
    differences.expectKeys(expected, "naive", "clustered", "num_clusters");
    double[] scores = array(input.get("scores"));
    Clusters clusters = Clusters.of(EvaluationFiles.texts(input.get("clusters")));
    differences.expect("naive", StandardErrors.ofMean(scores), expected.get("naive"));
    differences.expect(
        "clustered", StandardErrors.ofMean(scores, clusters), expected.get("clustered"));
    differences.expect("clusters", clusters.size(), expected.get("num_clusters"));
  }

  private static void paired(JsonNode input, JsonNode expected, Differences differences) {
    differences.expectKeys(
        expected,
        "mean_diff",
        "se_diff",
        "ci_lower",
        "ci_upper",
        "t_stat",
        "p_value",
        "n",
        "a_only",
        "b_only",
        "mcnemar_exact_p");
    double[] a = array(input.get("a"));
    PairedComparison comparison =
        PairedComparison.of(a, array(input.get("b")), Clusters.single(a.length));
    differences.expect("mean", comparison.meanDifference(), expected.get("mean_diff"));
    differences.expect("error", comparison.standardError(), expected.get("se_diff"));
    differences.expect("low", comparison.interval().low(), expected.get("ci_lower"));
    differences.expect("high", comparison.interval().high(), expected.get("ci_upper"));
    differences.expect("t", comparison.statistic(), expected.get("t_stat"));
    differences.expect("p", comparison.studentP(), expected.get("p_value"));
    differences.expect("n", comparison.numRows(), expected.get("n"));
    if (expected.has("mcnemar_exact_p")) {
      differences.expect("only first", comparison.onlyFirst(), expected.get("a_only"));
      differences.expect("only second", comparison.onlySecond(), expected.get("b_only"));
      differences.expect("McNemar", comparison.mcNemarP(), expected.get("mcnemar_exact_p"));
    }
  }

  private static void proportion(JsonNode input, JsonNode expected, Differences differences) {
    differences.expectKeys(expected, "wilson_95", "clopper_pearson_95");
    int right = input.get("correct").asInt();
    int rows = input.get("n").asInt();
    differences.expect(
        "Wilson",
        ends(Proportions.wilson(right, rows, Proportions.Z95)),
        expected.get("wilson_95"));
    differences.expect(
        "Clopper-Pearson",
        ends(Proportions.clopperPearson(right, rows)),
        expected.get("clopper_pearson_95"));
  }

  private static List<Double> ends(Interval interval) {
    return List.of(interval.low(), interval.high());
  }
}
