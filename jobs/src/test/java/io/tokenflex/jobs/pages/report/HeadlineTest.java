package io.tokenflex.jobs.pages.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenflex.jobs.evaluate.EvaluationSummary;
import io.tokenflex.jobs.evaluate.EvaluationSummary.CountResult;
import io.tokenflex.jobs.evaluate.EvaluationSummary.KindResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class HeadlineTest {
  private static EvaluationSummary summary(
      int questionsOfKind,
      List<Integer> counts,
      List<Double> seconds,
      Map<String, List<Double>> kinds) {
    List<CountResult> results = new ArrayList<>();
    for (int i = 0; i < counts.size(); i++) {
      int index = i;
      double mean = kinds.values().stream().mapToDouble(k -> k.get(index)).average().orElse(0.5);
      results.add(
          new CountResult(counts.get(i), mean, null, 2, seconds.get(i), 100, 0.1, 0.1, 0, false));
    }
    List<KindResult> kindResults = new ArrayList<>();
    new TreeMap<>(kinds)
        .forEach(
            (kind, accuracy) ->
                kindResults.add(new KindResult(kind, "", questionsOfKind, 4, "a", 0.25, accuracy)));
    int questions = questionsOfKind * Math.max(1, kinds.size());
    return new EvaluationSummary(
        "model",
        "fp32",
        questions,
        16,
        results,
        kindResults,
        "text",
        0,
        List.of(),
        List.of(),
        List.of());
  }

  private static List<String> headline(EvaluationSummary summary) {
    return Headline.of(summary, Set.of(), Optional.empty());
  }

  @Test
  void theKindThatGainsMostByTokensIsTold() {
    EvaluationSummary summary =
        summary(
            200,
            List.of(9, 64, 256),
            List.of(0.002, 0.004, 0.0082),
            Map.of(
                "small-print", List.of(0.42, 0.80, 0.99),
                "colour", List.of(0.99, 0.99, 0.995),
                "count", List.of(0.90, 0.95, 0.99)));
    assertThat(headline(summary))
        .containsExactly(
            "With 256 tokens 99 % of small print answers are right, with 9 tokens 42 %; 9 tokens"
                + " answer 4.1 times as fast.");
  }

  @Test
  void countsThatWereNeverTrainedAreNotCompared() {
    EvaluationSummary summary =
        summary(
            200,
            List.of(4, 9, 256, 400),
            List.of(0.001, 0.002, 0.004, 0.008),
            Map.of("print", List.of(0.1, 0.42, 0.99, 0.2)));
    assertThat(Headline.of(summary, Set.of(9, 256), Optional.empty()))
        .containsExactly(
            "With 256 tokens 99 % of print answers are right, with 9 tokens 42 %; 9 tokens answer"
                + " 2.0 times as fast.");
  }

  @Test
  void whereMoreTokensDoNotHelpThePageSaysSo() {
    EvaluationSummary summary =
        summary(
            50,
            List.of(9, 256),
            List.of(0.004, 0.0041),
            Map.of("print", List.of(0.26, 0.24), "colour", List.of(0.96, 1.0)));
    assertThat(headline(summary))
        .containsExactly(
            "More tokens do not help here: with 256 tokens 62 % of all answers are right, with 9"
                + " tokens 61 %; 9 tokens answer no faster.");
  }

  @Test
  void whereMoreTokensHarmThePageSaysSo() {
    EvaluationSummary summary =
        summary(200, List.of(9, 256), List.of(0.0, 0.0), Map.of("print", List.of(0.8, 0.3)));
    assertThat(headline(summary))
        .containsExactly(
            "More tokens make it worse here: with 256 tokens 30 % of print answers are right, with"
                + " 9 tokens 80 %.");
  }

  /** One question more or less is no finding. */
  @Test
  void aDifferenceThatMayBeLuckIsNoGain() {
    EvaluationSummary few =
        summary(2, List.of(9, 256), List.of(0.0, 0.0), Map.of("print", List.of(0.5, 1.0)));
    assertThat(headline(few).get(0)).startsWith("More tokens do not help here");
    EvaluationSummary many =
        summary(200, List.of(9, 256), List.of(0.0, 0.0), Map.of("print", List.of(0.5, 1.0)));
    assertThat(headline(many).get(0)).startsWith("With 256 tokens 100 % of print");
  }

  @Test
  void withoutKindsAllAnswersAreCompared() {
    EvaluationSummary summary =
        summary(300, List.of(9, 256), List.of(0.01, 0.02), Map.of("", List.of(0.5, 0.9)));
    assertThat(headline(summary))
        .containsExactly(
            "With 256 tokens 90 % of all answers are right, with 9 tokens 50 %; 9 tokens answer"
                + " 2.0 times as fast.");
  }

  @Test
  void oneCountIsComparedWithNothing() {
    EvaluationSummary summary =
        summary(300, List.of(256), List.of(0.01), Map.of("", List.of(0.996)));
    assertThat(headline(summary))
        .containsExactly("With 256 tokens 99.6 % of all answers are right.");
  }

  @Test
  void anEvaluationWithoutCountsHasNoHeadline() {
    assertThat(headline(summary(1, List.of(), List.of(), Map.of()))).isEmpty();
  }
}
