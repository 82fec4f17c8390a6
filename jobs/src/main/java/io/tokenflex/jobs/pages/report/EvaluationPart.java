package io.tokenflex.jobs.pages.report;

import io.tokenflex.checkpoint.CheckpointCatalog;
import io.tokenflex.jobs.evaluate.AutoResult;
import io.tokenflex.jobs.evaluate.EvaluationSummary;
import io.tokenflex.jobs.evaluate.EvaluationSummary.CountResult;
import io.tokenflex.jobs.evaluate.EvaluationSummary.KindResult;
import io.tokenflex.jobs.pages.html.Chart;
import io.tokenflex.jobs.pages.html.HumanText;
import io.tokenflex.jobs.pages.html.Palette;
import io.tokenflex.jobs.pages.report.ReportData.FixedModel;
import io.tokenflex.jobs.pages.report.ReportView.Evaluation;
import io.tokenflex.jobs.pages.report.ReportView.Figure;
import io.tokenflex.statistics.Interval;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/** How good and how fast the model answers, against the number of vision tokens. */
final class EvaluationPart {
  private static final String TOKENS = "vision tokens per image";

  private final EvaluationSummary summary;
  private final Optional<FixedModel> fixed;
  private final Set<Integer> neverTrained;
  private final Palette palette;

  /**
   * @param trained token counts that training drew; empty if they are not known
   */
  EvaluationPart(
      EvaluationSummary summary,
      Optional<FixedModel> fixed,
      Set<Integer> trained,
      Palette palette) {
    this.summary = summary;
    this.fixed = fixed;
    this.palette = palette;
    this.neverTrained = neverTrained(summary, trained);
  }

  /**
   * Evaluated counts that training never drew, or where that is not known those that are off the
   * counts which the model's file names.
   */
  static Set<Integer> neverTrained(EvaluationSummary summary, Set<Integer> trained) {
    Set<Integer> never = new TreeSet<>();
    for (CountResult count : summary.counts()) {
      boolean isNever =
          trained.isEmpty() ? count.offCount() : !trained.contains(count.numVisionTokens());
      if (isNever) {
        never.add(count.numVisionTokens());
      }
    }
    return never;
  }

  Evaluation view(Optional<String> newestCheckpoint) {
    return new Evaluation(
        summary.model(),
        summary.precision(),
        newestCheckpoint.filter(this::isNotTheEvaluated).orElse(""),
        HumanText.grouped(summary.numQuestions()),
        String.join(", ", neverTrained.stream().map(String::valueOf).toList()),
        scoredBy(summary.score()),
        summary.numBroken() == 0 ? "" : HumanText.grouped(summary.numBroken()),
        new AccuracyTables(summary, fixed, neverTrained).view(),
        new CostTables(summary, neverTrained).view(),
        Comparisons.rows(summary.comparisons()),
        figures());
  }

  private static String scoredBy(String score) {
    return switch (score) {
      case "exact" -> "compared exactly (ignoring case and surrounding space)";
      case "text" -> "compared as texts (ignoring case, surrounding space and a final full stop)";
      default -> "scored by the rule " + score;
    };
  }

  private boolean isNotTheEvaluated(String newestCheckpoint) {
    Optional<String> evaluated = CheckpointCatalog.nameIn(summary.model());
    return evaluated.isPresent() && !evaluated.get().equals(newestCheckpoint);
  }

  private List<Figure> figures() {
    List<Figure> figures = new ArrayList<>();
    fixed.ifPresent(
        model ->
            figures.add(
                new Figure("The flexible model and a fixed one", besideFixed(model).view())));
    List<KindResult> details =
        summary.kinds().stream().filter(kind -> !kind.detail().isEmpty()).toList();
    if (!details.isEmpty()) {
      Function<KindResult, String> name =
          kind -> Headline.inWords(kind.kind()) + " " + kind.detail();
      figures.add(new Figure("Details of a kind", lines(details, name).view()));
    }
    if (summary.counts().stream().allMatch(EvaluationPart::hasCost)) {
      figures.add(new Figure("Accuracy and its cost (95 % intervals)", cost().view()));
    }
    figures.add(new Figure("Answering speed of one executor", speed().view()));
    figures.add(
        new Figure(
            String.format(Locale.ROOT, "Latency of a batch of %d", summary.batchSize()),
            latency().view()));
    // Two stand side by side; the first has a row of its own where one would be left alone.
    Chart accuracy = figures.size() % 2 == 0 ? accuracy().wide() : accuracy();
    figures.add(0, new Figure("Accuracy by kind (dashed: chance)", accuracy.view()));
    return figures;
  }

  private Chart accuracy() {
    List<KindResult> whole =
        summary.kinds().stream().filter(kind -> kind.detail().isEmpty()).toList();
    Chart chart = lines(whole, kind -> Headline.inWords(kind.kind()));
    double[] counts = counts(summary);
    for (int i = 0; i < whole.size(); i++) {
      double[] chance = new double[counts.length];
      Arrays.fill(chance, whole.get(i).chance());
      chart.dashed("", Palette.ofKind(i), counts, chance);
    }
    return chart;
  }

  private Chart lines(List<KindResult> kinds, Function<KindResult, String> name) {
    double[] counts = counts(summary);
    Chart chart = chart("accuracy").yPercent();
    for (int i = 0; i < kinds.size(); i++) {
      KindResult kind = kinds.get(i);
      String shown = name.apply(kind).isEmpty() ? "all" : name.apply(kind);
      double[] accuracy = kind.accuracy().stream().mapToDouble(Double::doubleValue).toArray();
      chart.line(shown, Palette.ofKind(i), counts, accuracy);
      chart.points("", Palette.ofKind(i), counts, accuracy, tips(shown, counts, accuracy));
    }
    return chart;
  }

  /** All questions together, of both models. */
  private Chart besideFixed(FixedModel model) {
    Chart chart = chart("accuracy of all answers").yPercent();
    double[] counts = counts(summary);
    double[] accuracy = values(summary, CountResult::accuracy);
    double[] otherCounts = counts(model.evaluation());
    double[] other = values(model.evaluation(), CountResult::accuracy);
    return chart
        .line("flexible", Palette.ACCENT, counts, accuracy)
        .dashed(Headline.nameOf(model), Palette.SOFT, otherCounts, other)
        .points("", Palette.ACCENT, counts, accuracy, tips("flexible", counts, accuracy))
        .points("", Palette.SOFT, otherCounts, other, tips("fixed", otherCounts, other));
  }

  private static List<String> tips(String name, double[] counts, double[] accuracy) {
    List<String> tips = new ArrayList<>();
    for (int i = 0; i < counts.length; i++) {
      tips.add(
          String.format(
              Locale.ROOT, "%s, %.0f tokens: %.1f %%", name, counts[i], 100 * accuracy[i]));
    }
    return tips;
  }

  private static boolean hasCost(CountResult count) {
    return count.secondsPerAnswer() > 0 && !Double.isNaN(count.interval().low());
  }

  /** All questions together, with the interval of each mean as a bar. */
  private Chart cost() {
    double[] seconds = values(summary, CountResult::secondsPerAnswer);
    Chart chart =
        new Chart("seconds an answer", "accuracy of all answers")
            .line("", "var(--faint)", seconds, values(summary, CountResult::accuracy));
    for (CountResult count : summary.counts()) {
      String name = String.format(Locale.ROOT, "%d tokens", count.numVisionTokens());
      point(
          chart,
          neverTrained.contains(count.numVisionTokens())
              ? name + ", " + AccuracyTables.NEVER_TRAINED
              : name,
          palette.ofCount(count.numVisionTokens()),
          count.secondsPerAnswer(),
          count.accuracy(),
          count.interval());
    }
    for (AutoResult auto : summary.auto()) {
      if (auto.secondsPerAnswer() > 0 && !Double.isNaN(auto.interval().low())) {
        String name = String.format(Locale.ROOT, "auto, %.1f tokens", auto.meanVisionTokens());
        double at = auto.secondsPerAnswer();
        point(chart, name, Palette.ofKind(3), at, auto.accuracy(), auto.interval());
      }
    }
    return chart;
  }

  private static void point(
      Chart chart, String name, String colour, double at, double accuracy, Interval interval) {
    double[] ends = {interval.low(), interval.high()};
    chart.line("", colour, new double[] {at, at}, ends);
    chart.points(
        name,
        colour,
        new double[] {at},
        new double[] {accuracy},
        List.of(
            String.format(
                Locale.ROOT,
                "%s: %.1f %% (%.1f to %.1f) at %s an answer",
                name,
                100 * accuracy,
                100 * ends[0],
                100 * ends[1],
                HumanText.seconds(at))));
  }

  private Chart speed() {
    boolean hasSeconds = summary.counts().stream().allMatch(c -> c.secondsPerAnswer() > 0);
    ToDoubleFunction<CountResult> speed =
        hasSeconds ? count -> 1 / count.secondsPerAnswer() : CountResult::tokensPerSecond;
    String unit = hasSeconds ? "answers per second" : "new tokens per second";
    Chart chart = chart(unit).line("", "var(--faint)", counts(summary), values(summary, speed));
    for (CountResult count : summary.counts()) {
      chart.points(
          String.format(Locale.ROOT, "%d tokens", count.numVisionTokens()),
          palette.ofCount(count.numVisionTokens()),
          new double[] {count.numVisionTokens()},
          new double[] {speed.applyAsDouble(count)},
          List.of(String.format(Locale.ROOT, "%.1f %s", speed.applyAsDouble(count), unit)));
    }
    return chart.yFromZero();
  }

  private Chart latency() {
    double[] counts = counts(summary);
    return chart("seconds")
        .line(
            "95th percentile",
            Palette.ofKind(6),
            counts,
            values(summary, CountResult::latencyP95Seconds))
        .line("median", Palette.ACCENT, counts, values(summary, CountResult::latencyMedianSeconds))
        .yFromZero();
  }

  private Chart chart(String yLabel) {
    return new Chart(TOKENS, yLabel)
        .xTicks(counts(summary))
        .hollowAt(neverTrained, AccuracyTables.NEVER_TRAINED);
  }

  private static double[] counts(EvaluationSummary summary) {
    return values(summary, CountResult::numVisionTokens);
  }

  private static double[] values(EvaluationSummary summary, ToDoubleFunction<CountResult> value) {
    return summary.counts().stream().mapToDouble(value).toArray();
  }
}
