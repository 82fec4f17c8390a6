package io.tokenflex.jobs.pages.report;

import io.tokenflex.jobs.evaluate.BenchmarkSummary;
import io.tokenflex.jobs.evaluate.BenchmarkSummary.Count;
import io.tokenflex.jobs.pages.html.HumanText;
import io.tokenflex.jobs.pages.report.ReportView.BenchmarkCard;
import io.tokenflex.jobs.pages.report.ReportView.NumberRow;
import io.tokenflex.statistics.Interval;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/** A public benchmark at every token count, as its leader board shows it. */
final class BenchmarkPart {
  private BenchmarkPart() {}

  static BenchmarkCard card(BenchmarkSummary benchmark) {
    List<NumberRow> head = new ArrayList<>();
    head.add(row(benchmark, benchmark.headline(), count -> number(count.value())));
    if (benchmark.hasAuto()) {
      head.add(
          row(
              benchmark,
              "vision tokens an image",
              count -> String.format(Locale.ROOT, "%.1f", count.meanVisionTokens())));
    }
    head.add(row(benchmark, "95 % interval", count -> range(count.interval())));
    head.add(row(benchmark, "unparsed", count -> HumanText.percent(count.unparsedShare())));
    head.add(row(benchmark, "unscored", count -> HumanText.percent(count.unscoredShare())));
    head.add(
        row(
            benchmark,
            "time an answer",
            count -> HumanText.seconds(count.speed().secondsPerAnswer())));
    head.add(
        row(
            benchmark,
            "new tokens an answer",
            count -> number(count.speed().newTokensPerAnswer())));
    return new BenchmarkCard(
        benchmark.name(),
        told(benchmark),
        benchmark.counts().stream().map(Count::inWords).toList(),
        head,
        benchmark.reportLines().stream()
            .map(
                line ->
                    new NumberRow(
                        line.name(), line.numbers().stream().map(BenchmarkPart::number).toList()))
            .toList(),
        Comparisons.rows(benchmark.comparisons()));
  }

  private static List<String> told(BenchmarkSummary benchmark) {
    List<String> told = new ArrayList<>();
    told.add(
        String.format(
            Locale.ROOT,
            "%s questions, answered by %s in %s; scored by: %s; prompts: %s; cells: %s.",
            HumanText.grouped(benchmark.numQuestions()),
            benchmark.model(),
            benchmark.precision(),
            benchmark.rule(),
            benchmark.style(),
            benchmark.cells()));
    if (!benchmark.leftOut().isEmpty()) {
      told.add(
          String.format(
              Locale.ROOT,
              "%s rows of the table have no picture and were not asked.",
              HumanText.grouped(benchmark.leftOut().size())));
    }
    if (!benchmark.brokenRows().isEmpty()) {
      told.add("Could not be asked, among others: " + String.join("; ", benchmark.brokenRows()));
    }
    return told;
  }

  private static NumberRow row(
      BenchmarkSummary benchmark, String name, Function<Count, String> value) {
    return new NumberRow(name, benchmark.counts().stream().map(value).toList());
  }

  private static String number(double value) {
    return Double.isNaN(value) ? "-" : String.format(Locale.ROOT, "%.2f", value);
  }

  private static String range(Interval interval) {
    return Double.isNaN(interval.low())
        ? "-"
        : String.format(Locale.ROOT, "%.1f to %.1f", interval.low(), interval.high());
  }
}
