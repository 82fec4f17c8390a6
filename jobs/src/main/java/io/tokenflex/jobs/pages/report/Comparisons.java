package io.tokenflex.jobs.pages.report;

import io.tokenflex.jobs.answers.Slice;
import io.tokenflex.jobs.evaluate.ModelComparison;
import io.tokenflex.jobs.evaluate.Sweep;
import io.tokenflex.jobs.pages.report.ReportView.ComparisonRow;
import io.tokenflex.statistics.Interval;
import java.util.List;
import java.util.Locale;

/** Differences between token counts, or between runs, in words. */
final class Comparisons {
  /** Chance does not explain what is less probable. */
  private static final double CLEAR = 0.05;

  private Comparisons() {}

  static List<ComparisonRow> rows(List<Sweep.Comparison> comparisons) {
    return comparisons.stream().map(Comparisons::row).toList();
  }

  private static ComparisonRow row(Sweep.Comparison pair) {
    return new ComparisonRow(
        pair.lower() == Slice.AUTO
            ? String.format(Locale.ROOT, "%d tokens over auto", pair.higher())
            : String.format(Locale.ROOT, "%d over %d tokens", pair.higher(), pair.lower()),
        points(pair.difference()),
        range(pair.interval()),
        p(pair.p()),
        p(pair.holmP()),
        pair.isClear());
  }

  /** Of this run and another one, in the order of the counts. */
  static List<ComparisonRow> ofRuns(List<ModelComparison> comparisons) {
    return comparisons.stream()
        .map(
            pair ->
                new ComparisonRow(
                    String.format(Locale.ROOT, "%d tokens", pair.numVisionTokens()),
                    points(pair.difference()),
                    range(pair.interval()),
                    p(pair.p()),
                    p(pair.holmP()),
                    pair.holmP() < CLEAR))
        .toList();
  }

  private static String points(double difference) {
    return String.format(Locale.ROOT, "%+.1f points", 100 * difference);
  }

  private static String range(Interval interval) {
    return Double.isNaN(interval.low())
        ? "-"
        : String.format(Locale.ROOT, "%+.1f to %+.1f", 100 * interval.low(), 100 * interval.high());
  }

  private static String p(double p) {
    return p < 0.0001 ? "below 0.0001" : String.format(Locale.ROOT, "%.4f", p);
  }
}
