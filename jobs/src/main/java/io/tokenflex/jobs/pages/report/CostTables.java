package io.tokenflex.jobs.pages.report;

import io.tokenflex.jobs.evaluate.AutoResult;
import io.tokenflex.jobs.evaluate.EvaluationSummary;
import io.tokenflex.jobs.evaluate.EvaluationSummary.CountResult;
import io.tokenflex.jobs.evaluate.OracleResult;
import io.tokenflex.jobs.pages.html.HumanText;
import io.tokenflex.jobs.pages.report.ReportView.CostRow;
import io.tokenflex.jobs.pages.report.ReportView.CostTable;
import io.tokenflex.statistics.Interval;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** What all answers together are worth and cost, at each count and where the model chooses. */
final class CostTables {
  private static final String UNKNOWN = "-";

  private final EvaluationSummary summary;
  private final Set<Integer> neverTrained;

  CostTables(EvaluationSummary summary, Set<Integer> neverTrained) {
    this.summary = summary;
    this.neverTrained = neverTrained;
  }

  CostTable view() {
    List<CostRow> rows = new ArrayList<>();
    List<String> told = new ArrayList<>();
    summary.counts().forEach(count -> rows.add(row(count)));
    for (AutoResult auto : summary.auto()) {
      rows.add(row(auto));
      told.add(inWords(auto));
    }
    for (OracleResult oracle : summary.oracle()) {
      rows.add(best("the best of " + oracle.numAnswers() + " counts", oracle.bestCount()));
      rows.add(
          best(
              String.format(
                  Locale.ROOT,
                  "the best of %d drawn at %d tokens",
                  oracle.numAnswers(),
                  oracle.repeatsAt()),
              oracle.bestRepeat()));
      told.add(
          String.format(
              Locale.ROOT,
              "The best of %d answers to each question is better than one by luck alone; beside"
                  + " the counts stand as many answers drawn at temperature %s, whose best is luck"
                  + " only.",
              oracle.numAnswers(),
              oracle.temperature()));
    }
    return new CostTable(rows, told);
  }

  private CostRow row(CountResult count) {
    return new CostRow(
        String.format(Locale.ROOT, "%d tokens", count.numVisionTokens()),
        neverTrained.contains(count.numVisionTokens()) ? AccuracyTables.NEVER_TRAINED : "",
        HumanText.percent(count.accuracy()),
        percents(count.interval()),
        Integer.toString(count.numVisionTokens()),
        seconds(count.secondsPerAnswer()),
        count.newTokensPerAnswer() > 0 ? number(count.newTokensPerAnswer()) : UNKNOWN,
        flops(count.prefillFlops()),
        false);
  }

  private static CostRow row(AutoResult auto) {
    return new CostRow(
        "auto (" + auto.method() + ")",
        "",
        HumanText.percent(auto.accuracy()),
        percents(auto.interval()),
        number(auto.meanVisionTokens()),
        seconds(auto.secondsPerAnswer()),
        UNKNOWN,
        flops(auto.prefillFlops()),
        true);
  }

  private static CostRow best(String name, double score) {
    return new CostRow(
        name, "", HumanText.percent(score), UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, false);
  }

  private static String inWords(AutoResult auto) {
    Interval interval = auto.interval90();
    return String.format(
        Locale.ROOT,
        "auto is %+.2f points from %d tokens on the same questions (90 %% interval %+.2f to %+.2f,"
            + " p %.3f), at %.0f %% of its vision tokens and %.0f %% of its time; tokens of answers"
            + " that were given up count. Answered at %s.",
        100 * auto.difference(),
        auto.comparedWith(),
        100 * interval.low(),
        100 * interval.high(),
        auto.p(),
        100 * auto.meanVisionTokens() / auto.comparedWith(),
        100 * auto.secondsPerAnswer() / auto.comparedSeconds(),
        new TreeMap<>(auto.shares())
            .entrySet().stream()
                .map(
                    share ->
                        String.format(
                            Locale.ROOT,
                            "%d tokens: %s",
                            share.getKey(),
                            HumanText.percent(share.getValue())))
                .collect(Collectors.joining(", ")));
  }

  private static String percents(Interval interval) {
    return Double.isNaN(interval.low())
        ? UNKNOWN
        : String.format(Locale.ROOT, "%.1f to %.1f", 100 * interval.low(), 100 * interval.high());
  }

  private static String seconds(double seconds) {
    return seconds > 0 ? HumanText.seconds(seconds) : UNKNOWN;
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.1f", value);
  }

  private static String flops(double flops) {
    return flops > 0 ? String.format(Locale.ROOT, "%.0f", flops / 1e6) : UNKNOWN;
  }
}
