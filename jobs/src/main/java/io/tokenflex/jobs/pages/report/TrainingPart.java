package io.tokenflex.jobs.pages.report;

import io.tokenflex.jobs.pages.html.Chart;
import io.tokenflex.jobs.pages.html.Palette;
import io.tokenflex.jobs.pages.report.ReportView.Figure;
import io.tokenflex.jobs.pages.report.ReportView.Share;
import io.tokenflex.jobs.pages.report.ReportView.Training;
import io.tokenflex.train.StepMetrics;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;

/** How training went: each step a dot in the colour of its token count. */
final class TrainingPart {
  /** More dots than this hide each other and make the page heavy. */
  private static final int MAX_POINTS = 1500;

  /** Points of a curve; more cannot be told apart. */
  private static final int MAX_CURVE_POINTS = 400;

  private static final String STEP = "step";

  private final List<StepMetrics> steps;
  private final Palette palette;

  /**
   * @param steps at least one
   */
  TrainingPart(List<StepMetrics> steps, Palette palette) {
    this.steps = steps;
    this.palette = palette;
  }

  Training view() {
    return new Training(
        text(),
        new Figure("Loss, running mean of each token count", loss().view()),
        shares(),
        List.of(
            new Figure("Gradient norm", gradientNorm().view()),
            new Figure("Learning rate", learningRate().view()),
            new Figure("Throughput", throughput().view())));
  }

  private String text() {
    double meanTokens =
        steps.stream().mapToInt(StepMetrics::numVisionTokens).average().orElseThrow();
    int most = steps.stream().mapToInt(StepMetrics::numVisionTokens).max().orElseThrow();
    String drawn =
        byCount(steps).size() == 1
            ? String.format(Locale.ROOT, "Every step took %d vision tokens an image.", most)
            : String.format(
                Locale.ROOT,
                "Every step draws one number of vision tokens for all images of its batch. The mean"
                    + " is %.0f tokens an image, %.0f %% fewer than always %d.",
                meanTokens,
                100 * (1 - meanTokens / most),
                most);
    return drawn + skipped();
  }

  private String skipped() {
    long skipped = steps.stream().mapToLong(StepMetrics::skippedSamples).sum();
    long trained = steps.stream().mapToLong(StepMetrics::samples).sum();
    // Of a long run only some steps are here.
    boolean isPart = steps.get(steps.size() - 1).step() > steps.size();
    return skipped == 0
        ? ""
        : String.format(
            Locale.ROOT,
            " %d of %d samples drawn%s could not be trained on and were skipped.",
            skipped,
            skipped + trained,
            isPart ? " in the steps shown" : "");
  }

  /**
   * Single steps lie far apart, so the curve of each count is its running mean; the axis covers the
   * means, and what of the dots lies within.
   */
  private Chart loss() {
    Chart chart = dots("loss", TrainingPart::hasLoss, StepMetrics::loss).wide().yLog();
    double[] range = {Double.POSITIVE_INFINITY, 0};
    byCount(steps.stream().filter(TrainingPart::hasLoss).toList())
        .forEach(
            (count, drawn) -> {
              double[] means =
                  RunningMeans.of(drawn.stream().mapToDouble(StepMetrics::loss).toArray());
              Arrays.stream(means)
                  .forEach(
                      mean -> {
                        range[0] = Math.min(range[0], mean);
                        range[1] = Math.max(range[1], mean);
                      });
              int every = every(drawn.size(), MAX_CURVE_POINTS);
              List<StepMetrics> shown = everyNth(drawn, every);
              double[] ys = new double[shown.size()];
              for (int i = 0; i < ys.length; i++) {
                ys[i] = means[every - 1 + i * every];
              }
              chart.line("", palette.ofCount(count), stepNumbers(shown), ys);
            });
    return range[1] == 0 ? chart : chart.yRange(range[0] / 2, range[1] * 1.3);
  }

  /** A step whose samples were all skipped has no loss, and zero is on no logarithmic axis. */
  private static boolean hasLoss(StepMetrics step) {
    return step.loss() > 0 && Double.isFinite(step.loss());
  }

  private Chart throughput() {
    return dots("samples per second", step -> true, StepMetrics::samplesPerSecond)
        .wide()
        .yFromZero();
  }

  private Chart gradientNorm() {
    Predicate<StepMetrics> isShown =
        step -> step.gradNorm() > 0 && Double.isFinite(step.gradNorm());
    return dots("gradient norm", isShown, StepMetrics::gradNorm).yLog();
  }

  private Chart learningRate() {
    List<StepMetrics> shown = everyNth(steps, every(steps.size(), MAX_CURVE_POINTS));
    return new Chart(STEP, "learning rate")
        .line(
            "",
            Palette.ACCENT,
            stepNumbers(shown),
            shown.stream().mapToDouble(StepMetrics::learningRate).toArray())
        .yFromZero();
  }

  private Chart dots(
      String yLabel, Predicate<StepMetrics> isShown, ToDoubleFunction<StepMetrics> value) {
    Chart chart = new Chart(STEP, yLabel);
    int every = every(steps.size(), MAX_POINTS);
    byCount(steps.stream().filter(isShown).toList())
        .forEach(
            (count, all) -> {
              List<StepMetrics> shown = everyNth(all, every);
              chart.points(
                  String.format(Locale.ROOT, "%d tokens", count),
                  palette.ofCount(count),
                  stepNumbers(shown),
                  shown.stream().mapToDouble(value).toArray(),
                  shown.stream().map(s -> tip(s, yLabel, value.applyAsDouble(s))).toList());
            });
    return chart;
  }

  private static int every(int size, int most) {
    return (size + most - 1) / most;
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

  private List<Share> shares() {
    List<Share> shares = new ArrayList<>();
    byCount(steps)
        .forEach(
            (count, drawn) -> {
              double percent = 100.0 * drawn.size() / steps.size();
              shares.add(
                  new Share(
                      String.format(Locale.ROOT, "%.2f%%", percent),
                      palette.ofCount(count),
                      String.format(Locale.ROOT, "%d tokens · %.0f %% of steps", count, percent)));
            });
    return shares;
  }

  private static Map<Integer, List<StepMetrics>> byCount(List<StepMetrics> steps) {
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
