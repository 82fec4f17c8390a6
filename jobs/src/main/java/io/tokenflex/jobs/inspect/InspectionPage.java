package io.tokenflex.jobs.inspect;

import io.tokenflex.dataprep.dataset.Manifest;
import io.tokenflex.jobs.html.Html;
import io.tokenflex.jobs.html.Palette;
import io.tokenflex.jobs.html.SvgChart;
import io.tokenflex.jobs.inspect.Inspection.Distribution;
import io.tokenflex.jobs.inspect.RejectExamples.Example;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;

/** Lays an inspection out as one page. */
final class InspectionPage {
  private static final String BAR_COLOUR = "#404aa8";

  private final Inspection inspection;
  private final DatasetStatistics statistics;
  private final Palette palette;

  InspectionPage(Inspection inspection) {
    this.inspection = inspection;
    this.statistics = inspection.statistics();
    this.palette = new Palette(new TreeSet<>(statistics.tokenCounts()));
  }

  String render() {
    Manifest manifest = inspection.manifest();
    String body =
        """
        %s
        <section><h2>Samples</h2>%s</section>
        <section><h2>Distributions</h2>%s</section>
        <section><h2>Sequence length</h2>%s</section>
        <section><h2>Rejected records</h2>%s</section>
        <section><h2>Versions</h2>%s</section>
        <section><h2>Made with</h2>%s</section>
        """
            .formatted(
                tiles(),
                cards(),
                distributions(),
                sequenceLength(),
                rejects(),
                versions(),
                facts());
    return Html.page(
        inspection.dataset() + ", version " + manifest.version(), "TokenFLEX dataset", body);
  }

  private String tiles() {
    Manifest manifest = inspection.manifest();
    return "<div class=\"tiles\">"
        + Html.tile(Html.grouped(manifest.rows()), "samples")
        + Html.tile(Html.grouped(manifest.images()), "images")
        + Html.tile(Html.megabytes(manifest.bytes()), "in " + shards(manifest))
        + Html.tile(
            megapixels(statistics.width.mean() * statistics.height.mean()), "mean image size")
        + Html.tile(Html.grouped(statistics.textChars.quantile(0.5)), "characters, median")
        + Html.tile(Html.grouped(inspection.numRejects()), "rejected records")
        + "</div>";
  }

  private static String shards(Manifest manifest) {
    int number = manifest.shards().size();
    return number == 1 ? "1 shard" : Html.grouped(number) + " shards";
  }

  private static String megapixels(double pixels) {
    return String.format(Locale.ROOT, pixels < 1e5 ? "%.3f MP" : "%.2f MP", pixels / 1e6);
  }

  private String cards() {
    if (inspection.cards().isEmpty()) {
      return "<p>This version holds no sample.</p>";
    }
    StringBuilder html =
        new StringBuilder(
            String.format(
                Locale.ROOT,
                "<p>%d samples, spread evenly over the dataset; pictures reduced to 160 pixels.</p><div class=\"samples\">",
                inspection.cards().size()));
    inspection.cards().forEach(card -> html.append(card(card)));
    return html.append("</div>").toString();
  }

  private static String card(SampleCard card) {
    StringBuilder html = new StringBuilder("<div class=\"card sample\">");
    if (!card.problem().isEmpty()) {
      return html.append("<div class=\"wrong\">Row ")
          .append(card.row())
          .append(" cannot be read: ")
          .append(Html.escape(card.problem()))
          .append("</div></div>")
          .toString();
    }
    if (card.numPictures() > 0) {
      html.append("<div class=\"thumbs\">");
      for (SampleCard.Picture picture : card.pictures()) {
        String size = picture.width() + " × " + picture.height();
        html.append("<figure>")
            .append(
                picture.uri().isEmpty()
                    ? "<div class=\"wrong\">cannot be drawn</div>"
                    : "<img src=\"%s\" alt=\"picture of the sample\">".formatted(picture.uri()))
            .append("<figcaption>")
            .append(size)
            .append("</figcaption></figure>");
      }
      if (card.numPictures() > card.pictures().size()) {
        html.append(
            String.format(
                Locale.ROOT,
                "<span class=\"more\">and %d more</span>",
                card.numPictures() - card.pictures().size()));
      }
      html.append("</div>");
    }
    for (SampleCard.Said said : card.turns()) {
      html.append(
          "<div class=\"turn %s\"><span>%s</span><bdi>%s</bdi></div>"
              .formatted(
                  Html.escape(said.role()), Html.escape(said.role()), Html.escape(said.text())));
    }
    if (card.numTurns() > card.turns().size()) {
      html.append(
          String.format(
              Locale.ROOT,
              "<div class=\"more\">and %d more turns</div>",
              card.numTurns() - card.turns().size()));
    }
    return html.append(
            "<div class=\"from\"><b>%s</b> %s</div></div>"
                .formatted(
                    Html.escape(Html.readable(card.id(), 120)),
                    Html.escape(Html.readable(card.source(), 200))))
        .toString();
  }

  private String distributions() {
    StringBuilder charts = new StringBuilder("<div class=\"grid2\">");
    StringBuilder rows = new StringBuilder();
    for (Map.Entry<String, Distribution> one : inspection.distributions().entrySet()) {
      rows.append("<tr><td>").append(Html.escape(one.getKey())).append("</td>");
      one.getValue().summary().forEach(v -> rows.append("<td>").append(v).append("</td>"));
      rows.append("</tr>");
      if (!one.getKey().startsWith("tokens ")) {
        charts.append(Html.card(capitalised(one.getKey()), chart(one.getKey(), one.getValue())));
      }
    }
    return charts
        .append("<div class=\"card wide scroll\"><table><tr><th></th><th>min</th><th>5 %</th>")
        .append("<th>median</th><th>mean</th><th>95 %</th><th>max</th></tr>")
        .append(rows)
        .append("</table></div></div>")
        .toString();
  }

  private static String capitalised(String name) {
    return name.substring(0, 1).toUpperCase(Locale.ROOT) + name.substring(1);
  }

  private static String chart(String name, Distribution distribution) {
    Bins bins = Bins.of(distribution.values());
    double[] edges = scaled(bins, distribution.unit());
    long[] counts = distribution.values().counts(bins);
    double[] heights = new double[counts.length];
    List<String> tips = new ArrayList<>();
    for (int i = 0; i < counts.length; i++) {
      heights[i] = counts[i];
      tips.add(label(bins, distribution, i) + ": " + Html.grouped(counts[i]));
    }
    String counted = name.endsWith("per sample") ? "samples" : "images";
    SvgChart chart = new SvgChart(name, counted).yCounts().bars(BAR_COLOUR, edges, heights, tips);
    return styled(chart, bins, distribution.unit()).toSvg();
  }

  private static double[] scaled(Bins bins, int unit) {
    double[] edges = bins.edgeArray();
    for (int i = 0; i < edges.length; i++) {
      edges[i] /= unit;
    }
    return edges;
  }

  private static SvgChart styled(SvgChart chart, Bins bins, int unit) {
    if (bins.isLog()) {
      return chart.xLog();
    }
    if (bins.isSingle() && bins.size() <= 16) {
      double[] ticks = new double[bins.size()];
      for (int i = 0; i < ticks.length; i++) {
        ticks[i] = (bins.edges().get(i) + 0.5) / unit;
      }
      return chart.xTicks(ticks);
    }
    return chart;
  }

  private static String label(Bins bins, Distribution distribution, int bin) {
    double from = bins.edges().get(bin);
    double to = bins.edges().get(bin + 1);
    return bins.isSingle()
        ? distribution.show(from + 0.5)
        : distribution.show(Math.ceil(from)) + " to " + distribution.show(Math.ceil(to) - 1);
  }

  private String sequenceLength() {
    Histogram all = new Histogram();
    for (int i = 0; i < statistics.tokenCounts().size(); i++) {
      all.addAll(statistics.sequenceLength(i));
    }
    StringBuilder html =
        new StringBuilder(
            "<p>Tokens of a whole conversation in its chat template, counted with %s, at each number of vision"
                    .formatted(Html.escape(inspection.counting().tokenizerName()))
                + " tokens an image.</p>");
    inspection
        .untrainable()
        .ifPresent(
            line -> {
              html.append("<p><b>").append(Html.escape(line)).append("</b></p>");
              for (String example : inspection.faultExamples()) {
                html.append("<p>").append(Html.escape(example)).append("</p>");
              }
            });
    if (all.isEmpty()) {
      return html.append("<p>There is no sequence to measure.</p>").toString();
    }
    Bins bins = Bins.of(all);
    SvgChart chart = new SvgChart("tokens", "samples").wide().yCounts();
    StringBuilder tiles = new StringBuilder("<div class=\"tiles\">");
    for (int i = 0; i < statistics.tokenCounts().size(); i++) {
      int count = statistics.tokenCounts().get(i);
      Histogram lengths = statistics.sequenceLength(i);
      long[] counts = lengths.counts(bins);
      double[] heights = new double[counts.length];
      for (int bin = 0; bin < counts.length; bin++) {
        heights[bin] = counts[bin];
      }
      chart.outline(count + " vision tokens", palette.ofCount(count), bins.edgeArray(), heights);
      tiles.append(
          String.format(
              Locale.ROOT,
              "<div class=\"tile count\" style=\"--colour:%s\"><b>%s</b><span>tokens at most, %d vision tokens</span></div>",
              palette.ofCount(count),
              Html.grouped(lengths.max()),
              count));
      tiles.append(
          String.format(
              Locale.ROOT,
              "<div class=\"tile count\" style=\"--colour:%s\"><b>%s</b><span>tokens in all, %d vision tokens</span></div>",
              palette.ofCount(count),
              abbreviated(lengths.sum()),
              count));
    }
    return html.append("<div class=\"card\">")
        .append(styled(chart, bins, 1).toSvg())
        .append("</div>")
        .append(tiles)
        .append("</div>")
        .toString();
  }

  private static String abbreviated(double number) {
    if (number < 1e5) {
      return Html.grouped(Math.round(number));
    }
    return number < 1e9
        ? String.format(Locale.ROOT, "%.2f M", number / 1e6)
        : String.format(Locale.ROOT, "%.2f G", number / 1e9);
  }

  private String rejects() {
    if (inspection.rejects().isEmpty()) {
      return "<p>None.</p>";
    }
    long most =
        inspection.rejects().values().stream().mapToLong(Long::longValue).max().orElseThrow();
    StringBuilder html =
        new StringBuilder("<p>Of this version and those it was built on.</p><div class=\"card\">");
    for (Map.Entry<String, Long> reason : inspection.rejects().entrySet()) {
      html.append(
          String.format(
              Locale.ROOT,
              "<div class=\"reject\"><h3>%s</h3><div class=\"bar\"><i style=\"width:%.1f%%\"></i>%s</div>",
              Html.escape(Inspection.inWords(reason.getKey())),
              Math.max(0.5, 60.0 * reason.getValue() / most),
              Html.grouped(reason.getValue())));
      for (Example example : inspection.examples(reason.getKey())) {
        html.append(
            String.format(
                Locale.ROOT,
                "<div class=\"why\">%s<code>%s</code><span>%s, record %d%s</span></div>",
                Html.escape(Inspection.readableDetail(example)),
                Html.escape(Inspection.readableValue(example)),
                Html.escape(example.sourceFile()),
                example.position(),
                example.id().isEmpty()
                    ? ""
                    : ", id " + Html.escape(Html.readable(example.id(), 120))));
      }
      html.append("</div>");
    }
    return html.append("</div>").toString();
  }

  private String versions() {
    StringBuilder html =
        new StringBuilder(
            "<div class=\"card scroll\"><table><tr><th>version</th><th>parent</th><th>published</th>"
                + "<th>samples</th><th>added</th><th>already present</th><th>rejected</th></tr>");
    for (Manifest version : inspection.versions()) {
      boolean isThis = version.version() == inspection.manifest().version();
      html.append(isThis ? "<tr class=\"total\">" : "<tr>");
      for (String cell :
          List.of(
              version.version() + (isThis ? " (this one)" : ""),
              version.parent() == 0 ? "none" : Integer.toString(version.parent()),
              version.createdAt(),
              Html.grouped(version.rows()),
              Html.grouped(version.run().rows()),
              Html.grouped(version.run().alreadyPresent()),
              Html.grouped(version.run().numRejects()))) {
        html.append("<td>").append(Html.escape(cell)).append("</td>");
      }
      html.append("</tr>");
    }
    return html.append("</table></div>").toString();
  }

  private String facts() {
    Manifest manifest = inspection.manifest();
    StringBuilder html = new StringBuilder("<div class=\"card\"><dl>");
    fact(html, "format version", Integer.toString(manifest.formatVersion()));
    fact(html, "seed", Long.toString(manifest.seed()));
    fact(html, "rows in a row group, at most", Integer.toString(manifest.rowsPerRowGroup()));
    fact(html, "config digest", manifest.configDigest());
    fact(html, "content fingerprint", manifest.contentFingerprint());
    int shown = Math.min(20, manifest.inputs().size());
    for (Manifest.InputIdentity input : manifest.inputs().subList(0, shown)) {
      fact(html, "input", input.path() + ", " + Html.megabytes(input.bytes()));
    }
    if (shown < manifest.inputs().size()) {
      fact(
          html,
          "",
          String.format(Locale.ROOT, "and %d more inputs", manifest.inputs().size() - shown));
    }
    return html.append("</dl></div>").toString();
  }

  private static void fact(StringBuilder html, String name, String value) {
    html.append("<dt>").append(Html.escape(name)).append("</dt><dd>");
    html.append(Html.escape(value)).append("</dd>");
  }
}
