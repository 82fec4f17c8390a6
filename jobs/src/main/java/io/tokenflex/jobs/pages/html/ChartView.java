package io.tokenflex.jobs.pages.html;

import java.util.List;

/**
 * A chart ready to be drawn: what the template {@code chart.ftlh} shows. Lengths are in units of
 * the drawing, as text with a point for decimal mark; colours are CSS.
 *
 * @param name says to those who cannot see it what is drawn
 * @param plot where the axes end
 * @param marks in the order to draw them
 */
public record ChartView(
    int width,
    int height,
    String name,
    Plot plot,
    String xLabel,
    String yLabel,
    List<Tick> xTicks,
    List<Tick> yTicks,
    List<Mark> marks,
    List<Legend> legend) {

  /** The rectangle between the axes. */
  public record Plot(int left, int right, int top, int bottom) {}

  /**
   * A number on an axis.
   *
   * @param note stands below the label; may be empty
   */
  public record Tick(String at, String label, String note) {}

  /**
   * What is drawn of one series.
   *
   * @param path of a line, as SVG's {@code points}
   */
  public record Mark(Shape shape, String colour, String path, List<Spot> spots, List<Bar> bars) {}

  /** A dot; a hollow one differs in kind from its neighbours. */
  public record Spot(String x, String y, String radius, boolean hollow, String tip) {}

  /** An upright bar. */
  public record Bar(String x, String y, String width, String height, String tip) {}

  /** What a symbol in a colour means. */
  public record Legend(Symbol symbol, String colour, String name) {}

  /** How a series is drawn; in lower case the class of its element. */
  public enum Shape {
    SPOTS,
    BARS,
    LINE,
    DASHED
  }

  /** What stands for a series in the legend; in lower case the class of its element. */
  public enum Symbol {
    DOT,
    STROKE,
    DASHES,
    RING
  }
}
