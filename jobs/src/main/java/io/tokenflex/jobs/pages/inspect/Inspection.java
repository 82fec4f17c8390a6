package io.tokenflex.jobs.pages.inspect;

import io.tokenflex.dataprep.dataset.Manifest;
import io.tokenflex.jobs.pages.html.HumanText;
import io.tokenflex.jobs.pages.inspect.RejectExamples.Example;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** What an inspection found, ready to be told. */
public final class Inspection {
  private static final int MAX_VALUE_CHARS = 120;
  private static final int MAX_DETAIL_CHARS = 300;

  private final String dataset;
  private final Manifest manifest;
  private final List<Manifest> versions;
  private final Map<String, Long> rejects;
  private final Map<String, RejectExamples> examples;
  private final DatasetStatistics statistics;
  private final TokenCounting counting;
  private final List<SampleCard> cards;

  /**
   * Collects the parts.
   *
   * @param manifest of the version that was inspected
   * @param versions every published version
   * @param rejects of the version and those it was built on, by reason
   * @param examples of the rejects, by reason
   */
  Inspection(
      String dataset,
      Manifest manifest,
      List<Manifest> versions,
      Map<String, Long> rejects,
      Map<String, RejectExamples> examples,
      DatasetStatistics statistics,
      TokenCounting counting,
      List<SampleCard> cards) {
    this.dataset = dataset;
    this.manifest = manifest;
    this.versions = versions;
    this.rejects = rejects;
    this.examples = examples;
    this.statistics = statistics;
    this.counting = counting;
    this.cards = cards;
  }

  String dataset() {
    return dataset;
  }

  Manifest manifest() {
    return manifest;
  }

  List<Manifest> versions() {
    return versions;
  }

  Map<String, Long> rejects() {
    return rejects;
  }

  DatasetStatistics statistics() {
    return statistics;
  }

  TokenCounting counting() {
    return counting;
  }

  List<SampleCard> cards() {
    return cards;
  }

  long numRejects() {
    return rejects.values().stream().mapToLong(Long::longValue).sum();
  }

  /** Examples of a reason; none if its table was expired. */
  List<Example> examples(String reason) {
    return examples.getOrDefault(reason, new RejectExamples(List.of())).examples();
  }

  /** A distribution and what its values are divided by before they are shown. */
  record Distribution(Histogram values, int unit) {
    String show(double value) {
      double shown = value / unit;
      return shown == Math.rint(shown) && unit == 1
          ? HumanText.grouped((long) shown)
          : String.format(Locale.ROOT, "%.2f", shown);
    }

    /** Least, 5th percentile, median, mean, 95th percentile and greatest value. */
    List<String> summary() {
      return List.of(
          show((double) values.min()),
          show((double) values.quantile(0.05)),
          show((double) values.quantile(0.5)),
          show(values.mean()),
          show((double) values.quantile(0.95)),
          show((double) values.max()));
    }
  }

  /** All distributions that are not empty, by what they are of. */
  Map<String, Distribution> distributions() {
    Map<String, Distribution> all = new LinkedHashMap<>();
    all.put("image width, pixels", new Distribution(statistics.width, 1));
    all.put("image height, pixels", new Distribution(statistics.height, 1));
    all.put(
        "aspect ratio, width / height",
        new Distribution(statistics.aspectRatio, DatasetStatistics.ASPECT_UNIT));
    all.put("images per sample", new Distribution(statistics.imagesPerSample, 1));
    all.put("turns per sample", new Distribution(statistics.turns, 1));
    all.put("characters of text per sample", new Distribution(statistics.textChars, 1));
    for (int i = 0; i < statistics.tokenCounts().size(); i++) {
      all.put(
          String.format(
              Locale.ROOT,
              "tokens per sample at %d vision tokens",
              statistics.tokenCounts().get(i)),
          new Distribution(statistics.sequenceLength(i), 1));
    }
    all.values().removeIf(distribution -> distribution.values().isEmpty());
    return all;
  }

  /** Reasons in words: {@code IMAGE_MISSING} is image missing. */
  static String inWords(String reason) {
    return reason.toLowerCase(Locale.ROOT).replace('_', ' ');
  }

  static String readableValue(Example example) {
    return HumanText.readable(example.valueSample(), MAX_VALUE_CHARS);
  }

  static String readableDetail(Example example) {
    return HumanText.readable(example.detail(), MAX_DETAIL_CHARS);
  }

  /** Lines for a terminal. */
  public List<String> toLines() {
    List<String> lines = new ArrayList<>();
    lines.add(String.format(Locale.ROOT, "%s, version %d", dataset, manifest.version()));
    lines.add(
        String.format(
            Locale.ROOT,
            "%s samples, %s images, %d shards, %s",
            HumanText.grouped(manifest.rows()),
            HumanText.grouped(manifest.images()),
            manifest.shards().size(),
            HumanText.megabytes(manifest.bytes())));
    lines.add("");
    lines.add(
        "version  parent  published               samples       added     present    rejects");
    for (Manifest version : versions) {
      lines.add(
          String.format(
              Locale.ROOT,
              "%7d  %6s  %-20s %10s  %10s  %10s %10s",
              version.version(),
              version.parent() == 0 ? "-" : version.parent(),
              version.createdAt(),
              HumanText.grouped(version.rows()),
              HumanText.grouped(version.run().rows()),
              HumanText.grouped(version.run().alreadyPresent()),
              HumanText.grouped(version.run().numRejects())));
    }
    lines.add("");
    lines.add("%s rejected records".formatted(HumanText.grouped(numRejects())));
    rejects.forEach((reason, count) -> addReject(lines, reason, count));
    lines.add("");
    lines.add(
        "%-40s %9s %9s %9s %9s %9s %9s"
            .formatted("", "min", "5 %", "median", "mean", "95 %", "max"));
    distributions()
        .forEach(
            (name, distribution) -> {
              StringBuilder line = new StringBuilder("%-40s".formatted(name));
              distribution.summary().forEach(value -> line.append(" %9s".formatted(value)));
              lines.add(line.toString());
            });
    lines.add("tokens are those of " + counting.tokenizerName());
    untrainable()
        .ifPresent(
            line -> {
              lines.add(line);
              faultExamples().forEach(example -> lines.add("    " + example));
            });
    return lines;
  }

  List<String> faultExamples() {
    return statistics.faults().examples().stream()
        .map(example -> HumanText.readable(example, MAX_DETAIL_CHARS))
        .toList();
  }

  /** How many samples cannot be trained on, if there are any or a run's limits are known. */
  Optional<String> untrainable() {
    long bad = statistics.faults().bad();
    boolean ofRun = counting.limits().hasMaxPositions();
    if (bad == 0 && !ofRun) {
      return Optional.empty();
    }
    String limit =
        ofRun
            ? String.format(
                Locale.ROOT,
                " at %d vision tokens and model.language.maxPositionEmbeddings = %d",
                Collections.max(counting.counts()),
                counting.limits().maxPositions())
            : "";
    return Optional.of(
        String.format(
            Locale.ROOT,
            "%s of %s samples cannot be trained on%s%s",
            HumanText.grouped(bad),
            HumanText.grouped(statistics.numSamples()),
            limit,
            bad == 0 ? "" : ":"));
  }

  private void addReject(List<String> lines, String reason, long count) {
    lines.add("  %-24s %s".formatted(inWords(reason), HumanText.grouped(count)));
    for (Example example : examples(reason)) {
      lines.add(
          String.format(
              Locale.ROOT,
              "    %s, record %d, id '%s': %s",
              example.sourceFile(),
              example.position(),
              HumanText.readable(example.id(), MAX_VALUE_CHARS),
              readableDetail(example)));
      lines.add("      value: " + readableValue(example));
    }
  }

  /** A page that needs no other file and no network. */
  public String toHtml() {
    return new InspectionPage(this).render();
  }
}
