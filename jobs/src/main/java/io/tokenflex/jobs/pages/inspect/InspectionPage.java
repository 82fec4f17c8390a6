package io.tokenflex.jobs.pages.inspect;

import io.tokenflex.dataprep.dataset.Manifest;
import io.tokenflex.jobs.pages.html.Chart;
import io.tokenflex.jobs.pages.html.HumanText;
import io.tokenflex.jobs.pages.html.Page;
import io.tokenflex.jobs.pages.html.Palette;
import io.tokenflex.jobs.pages.html.Tile;
import io.tokenflex.jobs.pages.inspect.Inspection.Distribution;
import io.tokenflex.jobs.pages.inspect.InspectionView.Fact;
import io.tokenflex.jobs.pages.inspect.InspectionView.Figure;
import io.tokenflex.jobs.pages.inspect.InspectionView.Lengths;
import io.tokenflex.jobs.pages.inspect.InspectionView.Picture;
import io.tokenflex.jobs.pages.inspect.InspectionView.Reject;
import io.tokenflex.jobs.pages.inspect.InspectionView.Sample;
import io.tokenflex.jobs.pages.inspect.InspectionView.Version;
import io.tokenflex.jobs.pages.inspect.InspectionView.Why;
import io.tokenflex.jobs.pages.inspect.RejectExamples.Example;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeSet;

/** Puts an inspection into the words and numbers of its page. */
final class InspectionPage {
  private static final int MAX_INPUTS = 20;
  private static final int MAX_ID_CHARS = 120;
  private static final int MAX_SOURCE_CHARS = 200;

  private final Inspection inspection;
  private final DatasetStatistics statistics;
  private final Palette palette;

  InspectionPage(Inspection inspection) {
    this.inspection = inspection;
    this.statistics = inspection.statistics();
    this.palette = new Palette(new TreeSet<>(statistics.tokenCounts()));
  }

  String render() {
    return Page.render(InspectionPage.class, "inspect.ftlh", view());
  }

  private InspectionView view() {
    return new InspectionView(
        text("%s, version %d", inspection.dataset(), inspection.manifest().version()),
        palette.variables(),
        tiles(),
        inspection.cards().stream().map(InspectionPage::sample).toList(),
        figures(),
        distributions(),
        lengths(),
        rejects(),
        inspection.versions().stream().map(this::version).toList(),
        facts());
  }

  private List<Tile> tiles() {
    Manifest manifest = inspection.manifest();
    int shards = manifest.shards().size();
    return List.of(
        Tile.of(HumanText.grouped(manifest.rows()), "samples"),
        Tile.of(HumanText.grouped(manifest.images()), "images"),
        Tile.of(
            HumanText.megabytes(manifest.bytes()),
            shards == 1 ? "in 1 shard" : "in " + HumanText.grouped(shards) + " shards"),
        Tile.of(megapixels(statistics.width.mean() * statistics.height.mean()), "mean image size"),
        Tile.of(HumanText.grouped(statistics.textChars.quantile(0.5)), "characters, median"),
        Tile.of(HumanText.grouped(inspection.numRejects()), "rejected records"));
  }

  private static String megapixels(double pixels) {
    return text(pixels < 1e5 ? "%.3f MP" : "%.2f MP", pixels / 1e6);
  }

  private static Sample sample(SampleCard card) {
    return new Sample(
        card.problem().isEmpty()
            ? ""
            : text("Row %d cannot be read: %s", card.row(), card.problem()),
        card.pictures().stream()
            .map(p -> new Picture(p.uri(), text("%d × %d", p.width(), p.height())))
            .toList(),
        more(card.numPictures() - card.pictures().size(), "and %d more"),
        card.turns().stream()
            .map(said -> new InspectionView.Turn(said.role(), said.role(), said.text()))
            .toList(),
        more(card.numTurns() - card.turns().size(), "and %d more turns"),
        HumanText.readable(card.id(), MAX_ID_CHARS),
        HumanText.readable(card.source(), MAX_SOURCE_CHARS));
  }

  private static String more(int number, String format) {
    return number > 0 ? text(format, number) : "";
  }

  private List<Figure> figures() {
    List<Figure> figures = new ArrayList<>();
    inspection
        .distributions()
        .forEach(
            (name, distribution) -> {
              if (!name.startsWith("tokens ")) { // these have a chart of their own
                figures.add(new Figure(capitalised(name), chart(name, distribution).view()));
              }
            });
    return figures;
  }

  private List<List<String>> distributions() {
    List<List<String>> rows = new ArrayList<>();
    inspection
        .distributions()
        .forEach(
            (name, distribution) -> {
              List<String> row = new ArrayList<>(List.of(name));
              row.addAll(distribution.summary());
              rows.add(row);
            });
    return rows;
  }

  private static String capitalised(String name) {
    return name.substring(0, 1).toUpperCase(Locale.ROOT) + name.substring(1);
  }

  private static Chart chart(String name, Distribution distribution) {
    Bins bins = Bins.of(distribution.values());
    double[] edges = scaled(bins, distribution.unit());
    long[] counts = distribution.values().counts(bins);
    double[] heights = new double[counts.length];
    List<String> tips = new ArrayList<>();
    for (int i = 0; i < counts.length; i++) {
      heights[i] = counts[i];
      tips.add(label(bins, distribution, i) + ": " + HumanText.grouped(counts[i]));
    }
    String counted = name.endsWith("per sample") ? "samples" : "images";
    Chart chart = new Chart(name, counted).yCounts().bars(Palette.ACCENT, edges, heights, tips);
    return styled(chart, bins, distribution.unit());
  }

  private static double[] scaled(Bins bins, int unit) {
    double[] edges = bins.edgeArray();
    for (int i = 0; i < edges.length; i++) {
      edges[i] /= unit;
    }
    return edges;
  }

  private static Chart styled(Chart chart, Bins bins, int unit) {
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

  private Lengths lengths() {
    Histogram all = new Histogram();
    for (int i = 0; i < statistics.tokenCounts().size(); i++) {
      all.addAll(statistics.sequenceLength(i));
    }
    return new Lengths(
        inspection.counting().tokenizerName(),
        inspection.untrainable().orElse(""),
        inspection.untrainable().isPresent() ? inspection.faultExamples() : List.of(),
        all.isEmpty() ? Optional.empty() : Optional.of(lengths(Bins.of(all)).view()),
        all.isEmpty() ? List.of() : lengthTiles());
  }

  private Chart lengths(Bins bins) {
    Chart chart = new Chart("tokens", "samples").wide().yCounts();
    for (int i = 0; i < statistics.tokenCounts().size(); i++) {
      int count = statistics.tokenCounts().get(i);
      long[] counts = statistics.sequenceLength(i).counts(bins);
      double[] heights = new double[counts.length];
      for (int bin = 0; bin < counts.length; bin++) {
        heights[bin] = counts[bin];
      }
      chart.outline(
          text("%d vision tokens", count), palette.ofCount(count), bins.edgeArray(), heights);
    }
    return styled(chart, bins, 1);
  }

  private List<Tile> lengthTiles() {
    List<Tile> tiles = new ArrayList<>();
    for (int i = 0; i < statistics.tokenCounts().size(); i++) {
      int count = statistics.tokenCounts().get(i);
      Histogram lengths = statistics.sequenceLength(i);
      String colour = palette.ofCount(count);
      tiles.add(
          new Tile(
              HumanText.grouped(lengths.max()),
              text("tokens at most, %d vision tokens", count),
              colour));
      tiles.add(
          new Tile(
              abbreviated(lengths.sum()), text("tokens in all, %d vision tokens", count), colour));
    }
    return tiles;
  }

  private static String abbreviated(double number) {
    if (number < 1e5) {
      return HumanText.grouped(Math.round(number));
    }
    return number < 1e9 ? text("%.2f M", number / 1e6) : text("%.2f G", number / 1e9);
  }

  private List<Reject> rejects() {
    List<Reject> rejects = new ArrayList<>();
    inspection
        .rejects()
        .forEach(
            (reason, number) ->
                rejects.add(
                    new Reject(
                        Inspection.inWords(reason),
                        HumanText.grouped(number),
                        text("%.1f%%", Math.max(0.5, 60.0 * number / mostRejects())),
                        inspection.examples(reason).stream().map(InspectionPage::why).toList())));
    return rejects;
  }

  private long mostRejects() {
    return Collections.max(inspection.rejects().values());
  }

  private static Why why(Example example) {
    String id =
        example.id().isEmpty() ? "" : ", id " + HumanText.readable(example.id(), MAX_ID_CHARS);
    return new Why(
        Inspection.readableDetail(example),
        Inspection.readableValue(example),
        text("%s, record %d%s", example.sourceFile(), example.position(), id));
  }

  private Version version(Manifest version) {
    boolean isThis = version.version() == inspection.manifest().version();
    return new Version(
        isThis,
        List.of(
            text(isThis ? "%d (this one)" : "%d", version.version()),
            version.parent() == 0 ? "none" : Integer.toString(version.parent()),
            version.createdAt(),
            HumanText.grouped(version.rows()),
            HumanText.grouped(version.run().rows()),
            HumanText.grouped(version.run().alreadyPresent()),
            HumanText.grouped(version.run().numRejects())));
  }

  private List<Fact> facts() {
    Manifest manifest = inspection.manifest();
    List<Fact> facts = new ArrayList<>();
    facts.add(new Fact("format version", Integer.toString(manifest.formatVersion())));
    facts.add(new Fact("seed", Long.toString(manifest.seed())));
    facts.add(
        new Fact("rows in a row group, at most", Integer.toString(manifest.rowsPerRowGroup())));
    facts.add(new Fact("config digest", manifest.configDigest()));
    facts.add(new Fact("content fingerprint", manifest.contentFingerprint()));
    int shown = Math.min(MAX_INPUTS, manifest.inputs().size());
    for (Manifest.InputIdentity input : manifest.inputs().subList(0, shown)) {
      facts.add(new Fact("input", input.path() + ", " + HumanText.megabytes(input.bytes())));
    }
    if (shown < manifest.inputs().size()) {
      facts.add(new Fact("", text("and %d more inputs", manifest.inputs().size() - shown)));
    }
    return facts;
  }

  // The same digits and decimal mark wherever the job runs.
  private static String text(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
