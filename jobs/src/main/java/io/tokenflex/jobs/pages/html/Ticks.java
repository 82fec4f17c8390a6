package io.tokenflex.jobs.pages.html;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Round numbers for axes. */
final class Ticks {
  private Ticks() {}

  /** Multiples of 1, 2 or 5 times a power of ten within the range; about {@code wanted} of them. */
  static double[] between(double min, double max, int wanted) {
    double step = step(min, max, wanted);
    List<Double> ticks = new ArrayList<>();
    for (long i = (long) Math.ceil(min / step - 1e-9); i * step <= max + step * 1e-9; i++) {
      ticks.add(i * step);
    }
    return ticks.stream().mapToDouble(Double::doubleValue).toArray();
  }

  /** 1, 2 and 5 times powers of ten within the range, or powers alone: at most {@code most}. */
  static double[] betweenByFactors(double min, double max, int most) {
    for (int[] mantissas : new int[][] {{1, 2, 5}, {1, 3}, {1}}) {
      List<Double> ticks = new ArrayList<>();
      for (int power = (int) Math.floor(Math.log10(min)); Math.pow(10, power) <= max; power++) {
        for (int mantissa : mantissas) {
          double tick = mantissa * Math.pow(10, power);
          if (tick >= min * (1 - 1e-9) && tick <= max * (1 + 1e-9)) {
            ticks.add(tick);
          }
        }
      }
      if (ticks.size() <= most || mantissas.length == 1) {
        return ticks.stream().mapToDouble(Double::doubleValue).toArray();
      }
    }
    throw new AssertionError("the last row of mantissas returns");
  }

  /** The first tick at or above {@code max}: where an axis ends well. */
  static double atOrAbove(double min, double max, int wanted) {
    double step = step(min, max, wanted);
    return Math.ceil(max / step - 1e-9) * step;
  }

  private static double step(double min, double max, int wanted) {
    double rough = (max - min) / wanted;
    double power = Math.pow(10, Math.floor(Math.log10(rough)));
    double mantissa = rough / power - 1e-9;
    return power * (mantissa <= 1 ? 1 : mantissa <= 2 ? 2 : mantissa <= 5 ? 5 : 10);
  }

  /** Short text: 0.0003 is 3e-4, 12000 is 12k. */
  static String label(double value) {
    double size = Math.abs(value);
    if (size < 1e-12) {
      return "0";
    }
    if (size < 1e-2) {
      return String.format(Locale.ROOT, "%.1e", value).replace(".0e", "e").replace("e-0", "e-");
    }
    if (size >= 1e6) {
      return plain(value / 1e6) + "M";
    }
    return size >= 1e4 ? plain(value / 1e3) + "k" : plain(value);
  }

  private static String plain(double value) {
    return new BigDecimal(value).round(new MathContext(4)).stripTrailingZeros().toPlainString();
  }
}
