package io.tokenflex.jobs.pages.report;

import io.tokenflex.jobs.evaluate.EvaluationSummary;
import io.tokenflex.jobs.evaluate.EvaluationSummary.CountResult;
import io.tokenflex.jobs.evaluate.EvaluationSummary.KindResult;
import io.tokenflex.jobs.pages.html.Chart;
import io.tokenflex.jobs.pages.html.HumanText;
import io.tokenflex.jobs.pages.html.Palette;
import io.tokenflex.jobs.pages.report.ReportData.Beside;
import io.tokenflex.jobs.pages.report.ReportView.Figure;
import io.tokenflex.jobs.pages.report.ReportView.NumberRow;
import io.tokenflex.train.StepMetrics;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/** This run and another one, side by side. */
final class BesidePart {
  private static final int MAX_CURVE_POINTS = 400;

  private final ReportData here;
  private final Beside beside;

  BesidePart(ReportData here, Beside beside) {
    this.here = here;
    this.beside = beside;
  }

  ReportView.Beside view() {
    List<Integer> counts = commonCounts();
    return new ReportView.Beside(
        beside.name(),
        told(),
        here.steps().isEmpty() && beside.steps().isEmpty()
            ? Optional.empty()
            : Optional.of(new Figure("Loss, running mean of all steps", loss().view())),
        counts.stream().map(count -> count + " tokens").toList(),
        counts.isEmpty() ? List.of() : accuracies(counts),
        Comparisons.ofRuns(beside.comparisons()));
  }

  private List<String> told() {
    List<String> told = new ArrayList<>();
    told.add(
        "Where a cell has two numbers, the first is this run's and the second the other's."
            + speeds());
    if (here.evaluation().isEmpty() || beside.evaluation().isEmpty()) {
      told.add("Only runs that were both evaluated are compared by their answers.");
    } else if (beside.comparisons().isEmpty()) {
      told.add(
          "The two were not asked the same questions at the same count, so no difference is tested:"
              + " evaluate both on the same data and counts.");
    } else {
      told.add(
          String.format(
              Locale.ROOT,
              "Differences are this run's accuracy minus the other's on the %s questions that both"
                  + " were asked.",
              HumanText.grouped(beside.comparisons().get(0).numQuestions())));
    }
    return told;
  }

  private String speeds() {
    return here.steps().isEmpty() || beside.steps().isEmpty()
        ? ""
        : String.format(
            Locale.ROOT,
            " Training made %.1f and %.1f samples/s.",
            samplesPerSecond(here.steps()),
            samplesPerSecond(beside.steps()));
  }

  private static double samplesPerSecond(List<StepMetrics> steps) {
    return steps.stream().mapToLong(StepMetrics::samples).sum()
        / steps.stream().mapToDouble(StepMetrics::stepSeconds).sum();
  }

  private Chart loss() {
    Chart chart = new Chart("step", "loss").wide().yLog();
    curve(chart, "this run", Palette.ACCENT, here.steps());
    curve(chart, "the other", Palette.ofKind(0), beside.steps());
    return chart;
  }

  private static void curve(Chart chart, String name, String colour, List<StepMetrics> all) {
    Predicate<StepMetrics> isShown = step -> step.loss() > 0 && Double.isFinite(step.loss());
    List<StepMetrics> steps = all.stream().filter(isShown).toList();
    if (steps.isEmpty()) {
      return;
    }
    double[] means = RunningMeans.of(steps.stream().mapToDouble(StepMetrics::loss).toArray());
    int every = (steps.size() + MAX_CURVE_POINTS - 1) / MAX_CURVE_POINTS;
    int numPoints = steps.size() / every;
    double[] xs = new double[numPoints];
    double[] ys = new double[numPoints];
    for (int i = 0; i < numPoints; i++) {
      xs[i] = steps.get(every - 1 + i * every).step();
      ys[i] = means[every - 1 + i * every];
    }
    chart.line(name, colour, xs, ys);
  }

  private List<Integer> commonCounts() {
    List<Integer> others = countsOf(beside.evaluation());
    return countsOf(here.evaluation()).stream().filter(others::contains).toList();
  }

  private static List<Integer> countsOf(Optional<EvaluationSummary> evaluation) {
    return evaluation
        .map(summary -> summary.counts().stream().map(CountResult::numVisionTokens).toList())
        .orElse(List.of());
  }

  /** All questions, then each kind that either run was asked. */
  private List<NumberRow> accuracies(List<Integer> counts) {
    EvaluationSummary ours = here.evaluation().orElseThrow();
    EvaluationSummary theirs = beside.evaluation().orElseThrow();
    List<NumberRow> rows = new ArrayList<>();
    rows.add(
        new NumberRow(
            "all",
            counts.stream()
                .map(count -> pair(accuracy(ours, count), accuracy(theirs, count)))
                .toList()));
    Map<String, KindResult> ourKinds = kinds(ours);
    Map<String, KindResult> theirKinds = kinds(theirs);
    Map<String, KindResult> all = new LinkedHashMap<>(ourKinds);
    theirKinds.forEach(all::putIfAbsent);
    for (String kind : all.keySet()) {
      rows.add(
          new NumberRow(
              Headline.inWords(kind),
              counts.stream()
                  .map(
                      count ->
                          pair(
                              accuracy(ourKinds.get(kind), ours, count),
                              accuracy(theirKinds.get(kind), theirs, count)))
                  .toList()));
    }
    return rows;
  }

  /** Kinds without their details. */
  private static Map<String, KindResult> kinds(EvaluationSummary summary) {
    Map<String, KindResult> kinds = new LinkedHashMap<>();
    summary.kinds().stream()
        .filter(kind -> kind.detail().isEmpty())
        .forEach(kind -> kinds.put(kind.kind(), kind));
    return kinds;
  }

  private static double accuracy(EvaluationSummary summary, int count) {
    return summary.counts().stream()
        .filter(result -> result.numVisionTokens() == count)
        .mapToDouble(CountResult::accuracy)
        .findFirst()
        .orElse(Double.NaN);
  }

  private static double accuracy(KindResult kind, EvaluationSummary summary, int count) {
    int index = countsOf(Optional.of(summary)).indexOf(count);
    return kind == null ? Double.NaN : kind.accuracy().get(index);
  }

  private static String pair(double ours, double theirs) {
    return percent(ours) + " / " + percent(theirs);
  }

  private static String percent(double accuracy) {
    return Double.isNaN(accuracy) ? "-" : HumanText.percent(accuracy);
  }
}
