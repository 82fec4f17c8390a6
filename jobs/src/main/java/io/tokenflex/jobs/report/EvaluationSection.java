package io.tokenflex.jobs.report;

import io.tokenflex.jobs.evaluate.EvaluationSummary;
import io.tokenflex.jobs.evaluate.EvaluationSummary.CountResult;
import io.tokenflex.jobs.evaluate.EvaluationSummary.KindResult;
import io.tokenflex.jobs.html.Html;
import io.tokenflex.jobs.html.Palette;
import io.tokenflex.jobs.html.SvgChart;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How good and how fast the model answers, against the number of vision tokens. */
final class EvaluationSection {
  /** The folder of a run's checkpoint. */
  private static final Pattern CHECKPOINT = Pattern.compile("/checkpoints/(step-\\d+)/?$");

  private final Optional<EvaluationSummary> evaluation;
  private final Optional<String> newestCheckpoint;
  private final Set<Integer> trained;
  private final Palette palette;

  EvaluationSection(
      Optional<EvaluationSummary> evaluation,
      Optional<String> newestCheckpoint,
      Set<Integer> trained,
      Palette palette) {
    this.evaluation = evaluation;
    this.newestCheckpoint = newestCheckpoint;
    this.trained = trained;
    this.palette = palette;
  }

  String render() {
    if (evaluation.isEmpty()) {
      return Html.missing("No evaluation yet.", "./tokenflex evaluate --conf FILE");
    }
    EvaluationSummary summary = evaluation.get();
    String details =
        summary.kinds().stream().anyMatch(kind -> !kind.detail().isEmpty())
            ? Html.card("Details of a kind", details(summary))
            : "";
    return String.format(
        Locale.ROOT,
        """
        %s
        <p>%d held-out questions, answered greedily and compared exactly (ignoring case and surrounding space). Chance is the
        accuracy of always giving a kind's most common answer.%s</p>
        <div class="grid2">%s%s%s%s%s</div>
        """,
        evaluated(summary),
        summary.numQuestions(),
        untrainedNote(summary),
        "<div class=\"card wide scroll\"><h3>Accuracy</h3>" + table(summary) + "</div>",
        Html.card("Accuracy against vision tokens (dotted: chance)", accuracy(summary)),
        details,
        Html.card("Answering speed, one executor", speed(summary)),
        Html.card("Latency of a batch of " + summary.batchSize(), latency(summary)));
  }

  /** Which model was asked; curves beside it may have gone on since. */
  private String evaluated(EvaluationSummary summary) {
    String precision = summary.precision().isEmpty() ? "" : ", in " + summary.precision();
    String model =
        "<p>Evaluated: <b>"
            + Html.escape(summary.model())
            + "</b>"
            + Html.escape(precision)
            + ".</p>";
    Matcher checkpoint = CHECKPOINT.matcher(summary.model());
    if (checkpoint.find()
        && newestCheckpoint.isPresent()
        && !newestCheckpoint.get().equals(checkpoint.group(1))) {
      return model
          + Html.missing(
              "This is not the newest checkpoint: that is "
                  + newestCheckpoint.get()
                  + ". Evaluate again to see its answers.",
              "./tokenflex evaluate --conf FILE");
    }
    return model;
  }

  private String untrainedNote(EvaluationSummary summary) {
    List<String> never =
        summary.counts().stream()
            .map(CountResult::numVisionTokens)
            .filter(count -> !trained.isEmpty() && !trained.contains(count))
            .map(String::valueOf)
            .toList();
    return never.isEmpty()
        ? ""
        : " Training never drew " + String.join(", ", never) + " tokens (marked *).";
  }

  private String table(EvaluationSummary summary) {
    StringBuilder html = new StringBuilder("<table><tr><th>kind</th><th>questions</th>");
    html.append("<th>most common answer</th><th>chance</th>");
    for (CountResult count : summary.counts()) {
      html.append("<th>")
          .append(count.numVisionTokens())
          .append(star(count))
          .append(" tokens</th>");
    }
    html.append("</tr>");
    for (KindResult kind : summary.kinds()) {
      boolean whole = kind.detail().isEmpty();
      html.append(whole ? "<tr>" : "<tr class=\"detail\">");
      html.append(cell(whole ? kind.kind() : kind.detail()));
      html.append("<td>").append(kind.numQuestions()).append("</td>");
      html.append("<td>").append(Html.escape(kind.mostCommonAnswer())).append("</td>");
      html.append("<td>").append(percent(kind.chance())).append("</td>");
      kind.accuracy().forEach(accuracy -> html.append(heat(accuracy, kind.chance())));
      html.append("</tr>");
    }
    html.append("<tr class=\"total\"><td>all</td><td>").append(summary.numQuestions());
    html.append("</td><td></td><td></td>");
    summary.counts().forEach(count -> html.append("<td>" + percent(count.accuracy()) + "</td>"));
    return html.append("</tr></table>").toString();
  }

  private String star(CountResult count) {
    return trained.isEmpty() || trained.contains(count.numVisionTokens()) ? "" : "*";
  }

  private static String cell(String text) {
    return "<td>" + Html.escape(text) + "</td>";
  }

  // White at chance, green at 100 %, red below chance.
  private static String heat(double accuracy, double chance) {
    double above = chance < 1 ? (accuracy - chance) / (1 - chance) : 1;
    String colour =
        above >= 0
            ? String.format(Locale.ROOT, "rgba(21,128,61,%.2f)", 0.38 * above)
            : String.format(Locale.ROOT, "rgba(185,28,28,%.2f)", 0.38 * Math.min(1, -above));
    return "<td class=\"heat\" style=\"background:%s\">%s</td>"
        .formatted(colour, percent(accuracy));
  }

  private String accuracy(EvaluationSummary summary) {
    List<KindResult> whole =
        summary.kinds().stream().filter(kind -> kind.detail().isEmpty()).toList();
    SvgChart chart = lines(summary, whole, KindResult::kind);
    double[] counts = counts(summary);
    for (int i = 0; i < whole.size(); i++) {
      double[] chance = new double[counts.length];
      Arrays.fill(chance, whole.get(i).chance());
      chart.dashed(Palette.ofKind(i), counts, chance);
    }
    return chart.toSvg();
  }

  private String details(EvaluationSummary summary) {
    List<KindResult> parts =
        summary.kinds().stream().filter(kind -> !kind.detail().isEmpty()).toList();
    return lines(summary, parts, kind -> kind.kind() + " " + kind.detail()).toSvg();
  }

  private static SvgChart lines(
      EvaluationSummary summary, List<KindResult> kinds, Function<KindResult, String> name) {
    double[] counts = counts(summary);
    SvgChart chart = new SvgChart("vision tokens per image", "accuracy").yPercent().xTicks(counts);
    for (int i = 0; i < kinds.size(); i++) {
      KindResult kind = kinds.get(i);
      double[] accuracy = kind.accuracy().stream().mapToDouble(Double::doubleValue).toArray();
      List<String> tips =
          kind.accuracy().stream().map(value -> name.apply(kind) + " " + percent(value)).toList();
      chart.line(name.apply(kind), Palette.ofKind(i), counts, accuracy);
      chart.points("", Palette.ofKind(i), counts, accuracy, tips);
    }
    return chart;
  }

  private String speed(EvaluationSummary summary) {
    SvgChart chart =
        new SvgChart("vision tokens per image", "new tokens per second").xTicks(counts(summary));
    chart.line("", "#b6bdc7", counts(summary), values(summary, CountResult::tokensPerSecond));
    for (CountResult count : summary.counts()) {
      chart.points(
          count.numVisionTokens() + " tokens",
          palette.ofCount(count.numVisionTokens()),
          new double[] {count.numVisionTokens()},
          new double[] {count.tokensPerSecond()},
          List.of(String.format(Locale.ROOT, "%.1f tokens/s", count.tokensPerSecond())));
    }
    return chart.yFromZero().toSvg();
  }

  private static String latency(EvaluationSummary summary) {
    double[] counts = counts(summary);
    return new SvgChart("vision tokens per image", "seconds")
        .xTicks(counts)
        .line("95th percentile", "#be123c", counts, values(summary, CountResult::latencyP95Seconds))
        .line("median", "#404aa8", counts, values(summary, CountResult::latencyMedianSeconds))
        .yFromZero()
        .toSvg();
  }

  private static double[] counts(EvaluationSummary summary) {
    return values(summary, CountResult::numVisionTokens);
  }

  private static double[] values(EvaluationSummary summary, ToDoubleFunction<CountResult> value) {
    return summary.counts().stream().mapToDouble(value).toArray();
  }

  static String percent(double fraction) {
    return String.format(Locale.ROOT, "%.1f %%", 100 * fraction);
  }
}
