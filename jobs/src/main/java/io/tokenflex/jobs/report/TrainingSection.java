package io.tokenflex.jobs.report;

import io.tokenflex.jobs.html.Html;
import io.tokenflex.jobs.html.Palette;
import io.tokenflex.jobs.html.SvgChart;
import io.tokenflex.train.StepMetrics;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;

/** How training went: each step a dot in the colour of its token count. */
final class TrainingSection {
  /** More dots than this hide each other and make the page heavy. */
  private static final int MAX_POINTS = 1500;

  private final List<StepMetrics> steps;
  private final Palette palette;

  TrainingSection(List<StepMetrics> steps, Palette palette) {
    this.steps = steps;
    this.palette = palette;
  }

  String render() {
    if (steps.isEmpty()) {
      return Html.missing("No training metrics yet.", "./tokenflex train --conf FILE");
    }
    double meanTokens =
        steps.stream().mapToInt(StepMetrics::numVisionTokens).average().orElseThrow();
    int most = steps.stream().mapToInt(StepMetrics::numVisionTokens).max().orElseThrow();
    return String.format(
        Locale.ROOT,
        """
        <p>Every step draws one number of vision tokens for all images of its batch; its dot has that number's colour.
        The mean is %.0f tokens an image, %.0f %% fewer than always %d.%s</p>
        <div class="grid2">
        <div class="card wide"><h3>Loss</h3>%s%s</div>
        <div class="card"><h3>Learning rate</h3>%s</div>
        <div class="card"><h3>Gradient norm</h3>%s</div>
        <div class="card wide"><h3>Throughput</h3>%s</div>
        </div>
        """,
        meanTokens,
        100 * (1 - meanTokens / most),
        most,
        skipped(),
        loss(),
        shares(),
        learningRate(),
        dots("gradient norm", StepMetrics::gradNorm).yFromZero().toSvg(),
        dots("samples per second", StepMetrics::samplesPerSecond).wide().yFromZero().toSvg());
  }

  private String skipped() {
    long skipped = steps.stream().mapToLong(StepMetrics::skippedSamples).sum();
    long trained = steps.stream().mapToLong(StepMetrics::samples).sum();
    return skipped == 0
        ? ""
        : String.format(
            Locale.ROOT,
            " %d of %d samples drawn could not be trained on and were skipped.",
            skipped,
            skipped + trained);
  }

  private String loss() {
    // A step whose samples were all skipped has no loss.
    List<StepMetrics> withLoss =
        steps.stream().filter(s -> s.samples() > 0 || s.skippedSamples() == 0).toList();
    SvgChart chart =
        new TrainingSection(withLoss, palette).dots("loss", StepMetrics::loss).wide().yFromZero();
    double[] smooth = new double[withLoss.size()];
    double mean = 0;
    double weight = 0;
    double keep = 1 - 1.0 / Math.max(5, steps.size() / 80.0);
    for (int i = 0; i < smooth.length; i++) {
      // bias-corrected, so that the first steps are not pulled to zero
      mean = keep * mean + (1 - keep) * withLoss.get(i).loss();
      weight = keep * weight + (1 - keep);
      smooth[i] = mean / weight;
    }
    return chart.line("running mean", "#1d2430", stepNumbers(withLoss), smooth).toSvg();
  }

  private String learningRate() {
    return new SvgChart("step", "learning rate")
        .line(
            "",
            "#404aa8",
            stepNumbers(steps),
            steps.stream().mapToDouble(StepMetrics::learningRate).toArray())
        .yFromZero()
        .toSvg();
  }

  private SvgChart dots(String yLabel, ToDoubleFunction<StepMetrics> value) {
    SvgChart chart = new SvgChart("step", yLabel);
    int every = (steps.size() + MAX_POINTS - 1) / MAX_POINTS;
    byCount()
        .forEach(
            (count, all) -> {
              List<StepMetrics> shown = everyNth(all, every);
              chart.points(
                  count + " tokens",
                  palette.ofCount(count),
                  stepNumbers(shown),
                  shown.stream().mapToDouble(value).toArray(),
                  shown.stream().map(s -> tip(s, yLabel, value.applyAsDouble(s))).toList());
            });
    return chart;
  }

  /** By place, not by number of the step: of a long run only some steps are here. */
  private static List<StepMetrics> everyNth(List<StepMetrics> all, int n) {
    List<StepMetrics> some = new ArrayList<>();
    for (int i = n - 1; i < all.size(); i += n) {
      some.add(all.get(i));
    }
    return some;
  }

  private static String tip(StepMetrics step, String label, double value) {
    return String.format(
        Locale.ROOT,
        "step %d, %d tokens: %s %.4g",
        step.step(),
        step.numVisionTokens(),
        label,
        value);
  }

  private String shares() {
    StringBuilder html = new StringBuilder("<div class=\"share\" title=\"steps at each count\">");
    byCount()
        .forEach(
            (count, drawn) ->
                html.append(
                    String.format(
                        Locale.ROOT,
                        "<span style=\"width:%.2f%%;background:%s\">%d tokens · %.0f %% of steps</span>",
                        100.0 * drawn.size() / steps.size(),
                        palette.ofCount(count),
                        count,
                        100.0 * drawn.size() / steps.size())));
    return html.append("</div>").toString();
  }

  private Map<Integer, List<StepMetrics>> byCount() {
    TreeMap<Integer, List<StepMetrics>> byCount = new TreeMap<>();
    for (StepMetrics step : steps) {
      byCount.computeIfAbsent(step.numVisionTokens(), c -> new ArrayList<>()).add(step);
    }
    return byCount;
  }

  private static double[] stepNumbers(List<StepMetrics> steps) {
    return steps.stream().mapToDouble(StepMetrics::step).toArray();
  }
}
