package io.tokenflex.jobs.scenes;

import java.awt.BasicStroke;
import java.awt.Graphics2D;
import java.awt.geom.AffineTransform;
import java.awt.geom.Path2D;

/**
 * Digits drawn as pen strokes, because the JDK's text rendering needs font files, which cluster
 * nodes may lack.
 */
final class StrokeDigits {
  /**
   * Pen path of each digit in a box 0.6 wide and 1 high: M(ove), L(ine) or C(urve), followed by
   * points.
   */
  private static final String[] PATHS = {
    "M.3 0 C.6 0 .6 1 .3 1 C0 1 0 0 .3 0",
    "M.08 .2 L.34 0 L.34 1",
    "M.03 .22 C.05 -.08 .57 -.08 .57 .26 C.57 .5 .3 .62 .02 1 L.6 1",
    "M.04 .12 C.2 -.06 .56 -.02 .54 .25 C.53 .44 .36 .47 .22 .47 C.42 .47 .6 .54 .58 .75 C.56 1.06 .16 1.06 .02"
        + " .87",
    "M.46 1 L.46 0 L0 .7 L.6 .7",
    "M.54 0 L.1 0 L.06 .46 C.28 .3 .6 .38 .58 .68 C.56 1.06 .16 1.06 .02 .88",
    "M.5 .04 C.2 -.02 .02 .3 .03 .66 C.04 1.1 .58 1.1 .58 .68 C.58 .32 .1 .3 .03 .66",
    "M.02 0 L.58 0 C.4 .3 .24 .6 .2 1",
    "M.3 .46 C-.02 .42 0 0 .3 0 C.6 0 .62 .42 .3 .46 C-.08 .5 -.06 1 .3 1 C.66 1 .68 .5 .3 .46",
    "M.1 .96 C.4 1.02 .58 .7 .57 .34 C.56 -.1 .02 -.1 .02 .32 C.02 .68 .5 .7 .57 .34",
  };

  private static final double ADVANCE = 0.86;
  private static final double DIGIT_WIDTH = 0.6;

  private StrokeDigits() {}

  /** Width of a row of digits in pixels, including the pen width. */
  static double width(String digits, int heightPx) {
    double boxHeight = heightPx - penWidth(heightPx);
    return ((digits.length() - 1) * ADVANCE + DIGIT_WIDTH) * boxHeight + penWidth(heightPx);
  }

  /**
   * Draws digits in the graphics' current colour, upper left corner at ({@code left}, {@code top}).
   */
  static void draw(Graphics2D graphics, String digits, int left, int top, int heightPx) {
    double pen = penWidth(heightPx);
    double boxHeight = heightPx - pen;
    graphics.setStroke(new BasicStroke((float) pen, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
    for (int i = 0; i < digits.length(); i++) {
      AffineTransform place = new AffineTransform();
      place.translate(left + pen / 2 + i * ADVANCE * boxHeight, top + pen / 2);
      place.scale(boxHeight, boxHeight);
      graphics.draw(path(digits.charAt(i)).createTransformedShape(place));
    }
  }

  private static double penWidth(int heightPx) {
    return Math.max(1.2, heightPx * 0.16);
  }

  private static Path2D path(char digit) {
    Path2D.Double path = new Path2D.Double();
    for (String step : PATHS[digit - '0'].split(" (?=[MLC])", -1)) {
      String[] words = step.substring(1).split(" ", -1);
      double[] p = new double[words.length];
      for (int i = 0; i < p.length; i++) {
        p[i] = Double.parseDouble(words[i]);
      }
      switch (step.charAt(0)) {
        case 'M' -> path.moveTo(p[0], p[1]);
        case 'L' -> path.lineTo(p[0], p[1]);
        default -> path.curveTo(p[0], p[1], p[2], p[3], p[4], p[5]);
      }
    }
    return path;
  }
}
