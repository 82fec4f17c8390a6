package io.tokenflex.jobs.html;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * A chart of points and lines over numeric axes, as SVG text.
 *
 * <p>Axes cover all series; ticks are round numbers unless {@link #xTicks} gives them.
 */
public final class SvgChart {
  private static final int NARROW = 520;
  private static final int WIDE = 1060;
  private static final int HEIGHT = 300;
  private static final int Y_TICKS = 5;
  private static final int LEFT = 58;
  private static final int RIGHT = 16;
  private static final int TOP = 14;
  private static final int BOTTOM = 44;

  private enum Mark {
    POINTS,
    BARS,
    LINE,
    DASHED
  }

  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Series(
      String name, String colour, Mark mark, double[] xs, double[] ys, List<String> tips) {}

  private final String xLabel;
  private final String yLabel;
  private final List<Series> series = new ArrayList<>();
  private int width = NARROW;
  private double[] xTicks = {};
  private double yMin = Double.NaN;
  private double yMax = Double.NaN;
  private boolean percent;
  private boolean xLog;
  private boolean yWhole;

  public SvgChart(String xLabel, String yLabel) {
    this.xLabel = xLabel;
    this.yLabel = yLabel;
  }

  /** Adds dots; each of {@code tips} shows when the pointer rests on its dot. */
  public SvgChart points(String name, String colour, double[] xs, double[] ys, List<String> tips) {
    series.add(new Series(name, colour, Mark.POINTS, xs, ys, tips));
    return this;
  }

  public SvgChart line(String name, String colour, double[] xs, double[] ys) {
    series.add(new Series(name, colour, Mark.LINE, xs, ys, List.of()));
    return this;
  }

  /**
   * Adds bars side by side.
   *
   * @param edges where bars begin and end, one more than there are bars
   */
  public SvgChart bars(String colour, double[] edges, double[] heights, List<String> tips) {
    series.add(new Series("", colour, Mark.BARS, edges, heights, tips));
    return this;
  }

  /** The outline of bars, for several distributions in one chart. */
  public SvgChart outline(String name, String colour, double[] edges, double[] heights) {
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

  /** Lets equal steps on the x axis be equal factors; all of its values are above zero. */
  public SvgChart xLog() {
    xLog = true;
    return this;
  }

  /** Lets the y axis count: whole numbers from zero on. */
  public SvgChart yCounts() {
    yWhole = true;
    return yFromZero();
  }

  /** A dashed line, which the legend leaves out. */
  public SvgChart dashed(String colour, double[] xs, double[] ys) {
    series.add(new Series("", colour, Mark.DASHED, xs, ys, List.of()));
    return this;
  }

  /** Spans the page instead of half of it. */
  public SvgChart wide() {
    width = WIDE;
    return this;
  }

  public SvgChart xTicks(double[] ticks) {
    xTicks = ticks.clone();
    return this;
  }

  public SvgChart yRange(double min, double max) {
    yMin = min;
    yMax = max;
    return this;
  }

  /** Lets the y axis start at zero. */
  public SvgChart yFromZero() {
    yMin = 0;
    return this;
  }

  /** Shows fractions as per cent from 0 to 100. */
  public SvgChart yPercent() {
    percent = true;
    return yRange(0, 1);
  }

  public String toSvg() {
    double[] x = range(series.stream().map(Series::xs).toList(), Double.NaN, Double.NaN);
    double[] y = range(series.stream().map(Series::ys).toList(), yMin, yMax);
    if (Double.isNaN(yMax)) {
      y[1] = Ticks.atOrAbove(y[0], y[1], Y_TICKS);
    }
    if (xTicks.length > 0) {
      double margin = 0.06 * Math.max(1, x[1] - x[0]);
      x = new double[] {x[0] - margin, x[1] + margin};
    }
    StringBuilder svg = new StringBuilder();
    svg.append(
        text(
            "<svg class=\"chart\" viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">",
            width, HEIGHT, Html.escape(yLabel + " over " + xLabel)));
    axes(svg, x, y);
    for (Series one : series) {
      draw(svg, one, x, y);
    }
    return svg.append("</svg>").append(legend()).toString();
  }

  private void axes(StringBuilder svg, double[] x, double[] y) {
    double[] yTicks =
        percent ? new double[] {0, 0.25, 0.5, 0.75, 1} : Ticks.between(y[0], y[1], Y_TICKS);
    if (yWhole) {
      yTicks = Arrays.stream(yTicks).filter(tick -> tick == Math.rint(tick)).toArray();
    }
    for (double tick : yTicks) {
      double at = yPixel(tick, y);
      svg.append(
          text(
              "<line class=\"grid\" x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\"/>",
              LEFT, width - RIGHT, at, at));
      svg.append(
          text(
              "<text class=\"tick\" x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%s</text>",
              LEFT - 8, at + 4, percent ? Math.round(tick * 100) + " %" : Ticks.label(tick)));
    }
    for (double tick : xTicksWithin(x)) {
      double at = xPixel(tick, x);
      svg.append(
          text(
              "<line class=\"notch\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%d\"/>",
              at, at, HEIGHT - BOTTOM, HEIGHT - BOTTOM + 4));
      svg.append(
          text(
              "<text class=\"tick\" x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%s</text>",
              at, HEIGHT - BOTTOM + 18, Ticks.label(tick)));
    }
    svg.append(
        text(
            "<line class=\"axis\" x1=\"%d\" x2=\"%d\" y1=\"%d\" y2=\"%d\"/>",
            LEFT, width - RIGHT, HEIGHT - BOTTOM, HEIGHT - BOTTOM));
    svg.append(
        text(
            "<text class=\"label\" x=\"%d\" y=\"%d\" text-anchor=\"middle\">%s</text>",
            (LEFT + width - RIGHT) / 2, HEIGHT - 6, Html.escape(xLabel)));
    svg.append(
        text(
            "<text class=\"label\" transform=\"translate(13 %d) rotate(-90)\""
                + " text-anchor=\"middle\">%s</text>",
            (TOP + HEIGHT - BOTTOM) / 2, Html.escape(yLabel)));
  }

  private double[] xTicksWithin(double[] range) {
    if (xTicks.length > 0) {
      return xTicks;
    }
    return xLog
        ? Ticks.betweenByFactors(range[0], range[1], 8)
        : Ticks.between(range[0], range[1], 7);
  }

  private void draw(StringBuilder svg, Series one, double[] x, double[] y) {
    if (one.mark() == Mark.POINTS) {
      int numPoints = series.stream().mapToInt(other -> other.tips().size()).sum();
      svg.append(text("<g fill=\"%s\" class=\"points\">", one.colour()));
      for (int i = 0; i < one.xs().length; i++) {
        svg.append(
            text(
                "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"%s\"><title>%s</title></circle>",
                xPixel(one.xs()[i], x),
                yPixel(one.ys()[i], y),
                numPoints > 300 ? "2.2" : "3.5",
                Html.escape(one.tips().get(i))));
      }
      svg.append("</g>");
      return;
    }
    if (one.mark() == Mark.BARS) {
      svg.append(text("<g fill=\"%s\">", one.colour()));
      for (int i = 0; i < one.ys().length; i++) {
        double left = xPixel(one.xs()[i], x);
        double top = yPixel(one.ys()[i], y);
        svg.append(
            text(
                "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"><title>%s</title></rect>",
                left,
                top,
                Math.max(0.5, xPixel(one.xs()[i + 1], x) - left - 1),
                HEIGHT - BOTTOM - top,
                Html.escape(one.tips().get(i))));
      }
      svg.append("</g>");
      return;
    }
    svg.append(
        text(
            "<polyline fill=\"none\" stroke=\"%s\" class=\"%s\" points=\"",
            one.colour(), one.mark() == Mark.LINE ? "line" : "dashed"));
    for (int i = 0; i < one.xs().length; i++) {
      svg.append(text("%.1f,%.1f ", xPixel(one.xs()[i], x), yPixel(one.ys()[i], y)));
    }
    svg.append("\"/>");
  }

  private String legend() {
    List<String> names = new ArrayList<>();
    StringBuilder html = new StringBuilder("<div class=\"legend\">");
    for (Series one : series) {
      if (!one.name().isEmpty() && !names.contains(one.name())) {
        names.add(one.name());
        html.append(
            text(
                "<span><i class=\"%s\" style=\"background:%s\"></i>%s</span>",
                one.mark() == Mark.LINE ? "stroke" : "dot", one.colour(), Html.escape(one.name())));
      }
    }
    return names.isEmpty() ? "" : html.append("</div>").toString();
  }

  private static double[] range(List<double[]> values, double fixedMin, double fixedMax) {
    double min = Double.POSITIVE_INFINITY;
    double max = Double.NEGATIVE_INFINITY;
    for (double[] part : values) {
      for (double value : part) {
        min = Math.min(min, value);
        max = Math.max(max, value);
      }
    }
    if (min > max) {
      min = 0;
      max = 1;
    }
    min = Double.isNaN(fixedMin) ? min : fixedMin;
    max = Double.isNaN(fixedMax) ? max : fixedMax;
    if (max - min < 1e-12) {
      max = min + Math.max(1e-6, Math.abs(min) * 0.1);
    }
    return new double[] {min, max};
  }

  private double xPixel(double value, double[] range) {
    double fraction =
        xLog
            ? Math.log(value / range[0]) / Math.log(range[1] / range[0])
            : (value - range[0]) / (range[1] - range[0]);
    return LEFT + fraction * (width - LEFT - RIGHT);
  }

  private static double yPixel(double value, double[] range) {
    double fraction = Math.min(1, Math.max(0, (value - range[0]) / (range[1] - range[0])));
    return HEIGHT - BOTTOM - fraction * (HEIGHT - TOP - BOTTOM);
  }

  // Point as decimal mark wherever the job runs.
  private static String text(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
