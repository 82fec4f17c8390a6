package io.tokenflex.jobs.pages.html;

import io.tokenflex.jobs.pages.html.ChartView.Bar;
import io.tokenflex.jobs.pages.html.ChartView.Legend;
import io.tokenflex.jobs.pages.html.ChartView.Mark;
import io.tokenflex.jobs.pages.html.ChartView.Plot;
import io.tokenflex.jobs.pages.html.ChartView.Shape;
import io.tokenflex.jobs.pages.html.ChartView.Spot;
import io.tokenflex.jobs.pages.html.ChartView.Symbol;
import io.tokenflex.jobs.pages.html.ChartView.Tick;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/**
 * Puts a chart of points and lines over numeric axes together.
 *
 * <p>Axes cover all series; ticks are round numbers unless {@link #xTicks} gives them.
 */
public final class Chart {
  private static final int NARROW = 520;
  private static final int WIDE = 1060;
  private static final int HEIGHT = 300;
  private static final int Y_TICKS = 5;
  private static final int X_TICKS = 7;
  private static final int LEFT = 58;
  private static final int RIGHT = 16;
  private static final int TOP = 14;
  private static final int BOTTOM = 44;
  private static final int NOTE_HEIGHT = 14;

  /** Notes below ticks that are nearer than this would run into each other. */
  private static final double NOTE_WIDTH = 84;

  private static final int MANY_SPOTS = 300;

  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Series(
      String name, String colour, Shape shape, double[] xs, double[] ys, List<String> tips) {}

  private final String xLabel;
  private final String yLabel;
  private final List<Series> series = new ArrayList<>();
  private final Set<Double> hollow = new TreeSet<>();
  private String hollowMeans = "";
  private int width = NARROW;
  private double[] xTicks = {};
  private double yMin = Double.NaN;
  private double yMax = Double.NaN;
  private boolean percent;
  private boolean xLog;
  private boolean yLog;
  private boolean yWhole;

  public Chart(String xLabel, String yLabel) {
    this.xLabel = xLabel;
    this.yLabel = yLabel;
  }

  /** Adds dots; each of {@code tips} shows when the pointer rests on its dot. */
  public Chart points(String name, String colour, double[] xs, double[] ys, List<String> tips) {
    series.add(new Series(name, colour, Shape.SPOTS, xs, ys, tips));
    return this;
  }

  public Chart line(String name, String colour, double[] xs, double[] ys) {
    series.add(new Series(name, colour, Shape.LINE, xs, ys, List.of()));
    return this;
  }

  /** Adds a dashed line; the legend leaves out one without a name. */
  public Chart dashed(String name, String colour, double[] xs, double[] ys) {
    series.add(new Series(name, colour, Shape.DASHED, xs, ys, List.of()));
    return this;
  }

  /**
   * Adds bars side by side.
   *
   * @param edges where bars begin and end, one more than there are bars
   */
  public Chart bars(String colour, double[] edges, double[] heights, List<String> tips) {
    series.add(new Series("", colour, Shape.BARS, edges, heights, tips));
    return this;
  }

  /** The outline of bars, for several distributions in one chart. */
  public Chart outline(String name, String colour, double[] edges, double[] heights) {
    double[] xs = new double[2 * heights.length];
    double[] ys = new double[2 * heights.length];
    for (int i = 0; i < heights.length; i++) {
      xs[2 * i] = edges[i];
      xs[2 * i + 1] = edges[i + 1];
      ys[2 * i] = heights[i];
      ys[2 * i + 1] = heights[i];
    }
    return line(name, colour, xs, ys);
  }

  /**
   * Draws the dots at some numbers as rings, and says below these numbers and in the legend what
   * that means.
   */
  public Chart hollowAt(Set<Integer> xs, String meaning) {
    xs.forEach(x -> hollow.add((double) x));
    hollowMeans = meaning;
    return this;
  }

  /** Lets equal steps on the x axis be equal factors; all of its values are above zero. */
  public Chart xLog() {
    xLog = true;
    return this;
  }

  /** Lets equal steps on the y axis be equal factors; all of its values are above zero. */
  public Chart yLog() {
    yLog = true;
    return this;
  }

  /** Lets the y axis count: whole numbers from zero on. */
  public Chart yCounts() {
    yWhole = true;
    return yFromZero();
  }

  /** Spans the page instead of half of it. */
  public Chart wide() {
    width = WIDE;
    return this;
  }

  public Chart xTicks(double[] ticks) {
    xTicks = ticks.clone();
    return this;
  }

  /** What lies outside is drawn at the edge. */
  public Chart yRange(double min, double max) {
    yMin = min;
    yMax = max;
    return this;
  }

  /** Lets the y axis start at zero. */
  public Chart yFromZero() {
    yMin = 0;
    return this;
  }

  /** Shows fractions as per cent from 0 to 100. */
  public Chart yPercent() {
    percent = true;
    return yRange(0, 1);
  }

  /** The chart as it is to be drawn. */
  public ChartView view() {
    int height = hollow.isEmpty() ? HEIGHT : HEIGHT + NOTE_HEIGHT;
    Plot plot = new Plot(LEFT, width - RIGHT, TOP, HEIGHT - BOTTOM);
    Axis x = xAxis(plot);
    Axis y = yAxis(plot);
    List<Mark> marks = new ArrayList<>();
    int numSpots = series.stream().mapToInt(one -> one.tips().size()).sum();
    for (Series one : series) {
      marks.add(mark(one, x, y, numSpots > MANY_SPOTS ? "1.8" : "3.5"));
    }
    return new ChartView(
        width,
        height,
        yLabel + " over " + xLabel,
        plot,
        xLabel,
        yLabel,
        xTickViews(x),
        yTickViews(y),
        marks,
        legend());
  }

  private Axis xAxis(Plot plot) {
    double[] range = Axis.range(series.stream().map(Series::xs).toList());
    double margin = xTicks.length > 0 ? 0.06 * Math.max(1, range[1] - range[0]) : 0;
    return Axis.of(range[0] - margin, range[1] + margin, xLog, plot.left(), plot.right());
  }

  private Axis yAxis(Plot plot) {
    double[] range = Axis.range(series.stream().map(Series::ys).toList());
    double min = Double.isNaN(yMin) ? range[0] : yMin;
    double max = Double.isNaN(yMax) ? range[1] : yMax;
    Axis axis = Axis.of(min, max, yLog, plot.bottom(), plot.top());
    if (!Double.isNaN(yMax) || yLog) {
      return axis;
    }
    double end = Ticks.atOrAbove(axis.min(), axis.max(), Y_TICKS);
    return new Axis(axis.min(), end, false, plot.bottom(), plot.top());
  }

  private List<Tick> yTickViews(Axis y) {
    List<Tick> ticks = new ArrayList<>();
    for (double tick : percent ? new double[] {0, 0.25, 0.5, 0.75, 1} : y.ticks(Y_TICKS)) {
      if (!yWhole || tick == Math.rint(tick)) {
        String label = percent ? Math.round(tick * 100) + " %" : Ticks.label(tick);
        ticks.add(new Tick(pixels(y.at(tick)), label, ""));
      }
    }
    return ticks;
  }

  private List<Tick> xTickViews(Axis x) {
    List<Tick> ticks = new ArrayList<>();
    double lastNote = Double.NEGATIVE_INFINITY;
    for (double tick : xTicks.length > 0 ? xTicks : x.ticks(X_TICKS)) {
      double at = x.at(tick);
      boolean isNoted = hollow.contains(tick) && at - lastNote > NOTE_WIDTH;
      lastNote = isNoted ? at : lastNote;
      ticks.add(new Tick(pixels(at), Ticks.label(tick), isNoted ? hollowMeans : ""));
    }
    return ticks;
  }

  private Mark mark(Series one, Axis x, Axis y, String radius) {
    List<Spot> spots = new ArrayList<>();
    List<Bar> bars = new ArrayList<>();
    StringBuilder path = new StringBuilder();
    for (int i = 0; i < one.ys().length; i++) {
      double left = x.at(one.xs()[i]);
      double top = y.at(one.ys()[i]);
      switch (one.shape()) {
        case SPOTS ->
            spots.add(
                new Spot(
                    pixels(left),
                    pixels(top),
                    radius,
                    hollow.contains(one.xs()[i]),
                    one.tips().get(i)));
        case BARS ->
            bars.add(
                new Bar(
                    pixels(left),
                    pixels(top),
                    pixels(Math.max(0.5, x.at(one.xs()[i + 1]) - left - 1)),
                    pixels(HEIGHT - BOTTOM - top),
                    one.tips().get(i)));
        case LINE, DASHED -> path.append(pixels(left)).append(',').append(pixels(top)).append(' ');
      }
    }
    return new Mark(one.shape(), one.colour(), path.toString().strip(), spots, bars);
  }

  private List<Legend> legend() {
    List<Legend> legend = new ArrayList<>();
    Set<String> names = new TreeSet<>();
    for (Series one : series) {
      if (!one.name().isEmpty() && names.add(one.name())) {
        Symbol symbol =
            switch (one.shape()) {
              case LINE -> Symbol.STROKE;
              case DASHED -> Symbol.DASHES;
              case SPOTS, BARS -> Symbol.DOT;
            };
        legend.add(new Legend(symbol, one.colour(), one.name()));
      }
    }
    boolean hasRings =
        series.stream()
            .filter(one -> one.shape() == Shape.SPOTS)
            .anyMatch(one -> Arrays.stream(one.xs()).anyMatch(hollow::contains));
    if (hasRings) {
      legend.add(new Legend(Symbol.RING, Palette.SOFT, hollowMeans));
    }
    return legend;
  }

  // Point as decimal mark wherever the job runs.
  private static String pixels(double value) {
    return String.format(Locale.ROOT, "%.1f", value);
  }
}
