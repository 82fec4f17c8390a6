package io.tokenflex.jobs.report;

import io.tokenflex.jobs.evaluate.EvaluationSummary.CountResult;
import io.tokenflex.jobs.html.Html;
import io.tokenflex.jobs.html.Palette;
import io.tokenflex.jobs.quickstart.Pipeline;
import io.tokenflex.jobs.report.ReportData.Answer;
import io.tokenflex.jobs.report.ReportData.Dataset;
import io.tokenflex.jobs.report.ReportData.Example;
import io.tokenflex.train.StepMetrics;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;

/** Lays the parts of a report out as one HTML page that needs nothing else. */
final class HtmlReport {
  private final ReportData data;
  private final TreeSet<Integer> trained = new TreeSet<>();
  private final Palette palette;

  HtmlReport(ReportData data) {
    this.data = data;
    data.steps().forEach(step -> trained.add(step.numVisionTokens()));
    TreeSet<Integer> counts = new TreeSet<>(trained);
    data.evaluation()
        .ifPresent(summary -> summary.counts().forEach(c -> counts.add(c.numVisionTokens())));
    this.palette = new Palette(counts);
  }

  String render() {
    String body =
        """
        %s
        <section><h2>Evaluation</h2>%s</section>
        <section><h2>Training</h2>%s</section>
        <section><h2>Examples</h2>%s</section>
        <section><h2>Data</h2>%s</section>
        <section><h2>Run</h2>%s</section>
        """
            .formatted(
                tiles(),
                new EvaluationSection(data.evaluation(), data.newestCheckpoint(), trained, palette)
                    .render(),
                new TrainingSection(data.steps(), palette).render(),
                examples(),
                datasets(),
                run());
    return Html.page(data.title(), "TokenFLEX report", body);
  }

  private String tiles() {
    StringBuilder html = new StringBuilder("<div class=\"tiles\">");
    data.evaluation()
        .ifPresent(
            summary -> {
              for (CountResult count : summary.counts()) {
                html.append(
                    String.format(
                        Locale.ROOT,
                        "<div class=\"tile count\" style=\"--colour:%s\"><b>%s</b><span>accuracy, %d tokens</span></div>",
                        palette.ofCount(count.numVisionTokens()),
                        EvaluationSection.percent(count.accuracy()),
                        count.numVisionTokens()));
              }
            });
    List<StepMetrics> steps = data.steps();
    if (!steps.isEmpty()) {
      List<StepMetrics> last = steps.subList(Math.max(0, steps.size() - 20), steps.size());
      double loss = last.stream().mapToDouble(StepMetrics::loss).average().orElseThrow();
      double seconds = steps.stream().mapToDouble(StepMetrics::stepSeconds).sum();
      html.append(Html.tile(String.format(Locale.ROOT, "%.3f", loss), "loss at the end"));
      html.append(Html.tile(Html.grouped(steps.size()), "steps"));
      html.append(
          Html.tile(
              Pipeline.inWords(Duration.ofMillis(Math.round(1000 * seconds))), "training time"));
    }
    return html.append("</div>").toString();
  }

  private String examples() {
    if (data.examples().isEmpty()) {
      return Html.missing("No answered examples yet.", "./tokenflex evaluate --conf FILE");
    }
    StringBuilder html =
        new StringBuilder(
            "<p>Held-out pictures; those first where the number of tokens changes the answer.</p>"
                + "<div class=\"examples\">");
    for (Example example : data.examples()) {
      html.append(
          """
          <div class="card example"><div class="picture"><img src="%s" alt="held-out picture"></div>
          <div class="words"><span class="badge">%s</span><p>%s</p><div class="expected">expected: %s</div>
          """
              .formatted(
                  example.pictureUri(),
                  Html.escape(example.kind()),
                  Html.escape(example.question()),
                  Html.escape(example.expected())));
      for (Answer answer : example.answers()) {
        html.append(
            String.format(
                Locale.ROOT,
                "<div class=\"answer %s\"><span>%d tokens</span><b>%s</b></div>",
                answer.correct() ? "right" : "wrong",
                answer.numVisionTokens(),
                answer.text().isBlank() ? "(empty)" : Html.escape(answer.text())));
      }
      html.append("</div></div>");
    }
    return html.append("</div>").toString();
  }

  private String datasets() {
    if (data.datasets().isEmpty()) {
      return Html.missing("No prepared data found.", "./tokenflex prepare --conf FILE");
    }
    StringBuilder html = new StringBuilder("<div class=\"grid2\">");
    for (Dataset dataset : data.datasets()) {
      html.append("<div class=\"card\"><h3>")
          .append(Html.escape(dataset.split()))
          .append("</h3><table>");
      html.append(row("samples", Html.grouped(dataset.rows())));
      html.append(row("shards", Html.grouped(dataset.shards())));
      html.append(row("row groups", Html.grouped(dataset.rowGroups())));
      html.append(row("size", Html.megabytes(dataset.bytes())));
      html.append(row("rejected records", Html.grouped(dataset.numRejects())));
      html.append("</table>").append(rejects(dataset)).append("</div>");
    }
    return html.append("</div>").toString();
  }

  private static String rejects(Dataset dataset) {
    if (dataset.rejects().isEmpty()) {
      return "";
    }
    long most = dataset.rejects().values().stream().mapToLong(Long::longValue).max().orElseThrow();
    StringBuilder html =
        new StringBuilder("<h3 style=\"margin-top:16px\">Rejects by reason</h3><table>");
    for (Map.Entry<String, Long> reason : dataset.rejects().entrySet()) {
      html.append(
          String.format(
              Locale.ROOT,
              "<tr><td>%s</td><td style=\"width:45%%\"><div class=\"bar\"><i style=\"width:%d%%\"></i>%d</div></td></tr>",
              Html.escape(reason.getKey()),
              Math.max(2, 80 * reason.getValue() / most),
              reason.getValue()));
    }
    return html.append("</table>").toString();
  }

  private String run() {
    StringBuilder html = new StringBuilder("<div class=\"card\"><dl>");
    data.facts()
        .forEach(
            (name, value) ->
                html.append(
                    "<dt>" + Html.escape(name) + "</dt><dd>" + Html.escape(value) + "</dd>"));
    html.append("</dl><details><summary>Effective configuration</summary><pre>");
    return html.append(Html.escape(data.settings())).append("</pre></details></div>").toString();
  }

  private static String row(String name, String value) {
    return "<tr><td>" + name + "</td><td>" + value + "</td></tr>";
  }
}
