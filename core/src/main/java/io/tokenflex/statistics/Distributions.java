package io.tokenflex.statistics;

import io.tokenflex.failure.InvalidInputException;
import java.util.function.DoubleUnaryOperator;

/** Student's t, the beta distribution and the binomial one. */
public final class Distributions {
  private static final int MAX_TERMS = 10_000;
  private static final double PRECISION = 1e-16;
  private static final double TINY = 1e-300;

  // Lanczos' coefficients for g = 7 and nine terms (Godfrey 2001).
  private static final double[] LANCZOS = {
    0.9999999999998099,
    676.5203681218851,
    -1259.1392167224028,
    771.3234287776531,
    -176.6150291621406,
    12.507343278686905,
    -0.13857109526572012,
    9.984369578019572e-06,
    1.5056327351493116e-07
  };

  private Distributions() {}

  /** The probability that Student's t with so many degrees of freedom is further from 0 than t. */
  public static double studentTwoSided(double t, double degrees) {
    if (Double.isInfinite(t)) {
      return 0;
    }
    return betaCdf(degrees / (degrees + t * t), degrees / 2, 0.5);
  }

  /** The t that is exceeded on both sides together with that probability. */
  public static double studentQuantile(double twoSidedProbability, double degrees) {
    if (!(degrees > 0)) {
      throw new InvalidInputException(
          "Student's t with " + degrees + " degrees of freedom; expected more than 0");
    }
    double high = 1;
    while (studentTwoSided(high, degrees) > twoSidedProbability) {
      high *= 2;
    }
    return bisect(t -> twoSidedProbability - studentTwoSided(t, degrees), 0, high);
  }

  /** I_x(a, b), the distribution function of the beta distribution. */
  public static double betaCdf(double x, double a, double b) {
    if (x <= 0 || x >= 1) {
      return x <= 0 ? 0 : 1;
    }
    double front =
        Math.exp(
            logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x));
    // The fraction converges fast on this side of the mean only.
    return x < (a + 1) / (a + b + 2)
        ? front * fraction(x, a, b) / a
        : 1 - front * fraction(1 - x, b, a) / b;
  }

  /** Where the beta distribution's function reaches a probability. */
  public static double betaQuantile(double probability, double a, double b) {
    return bisect(x -> betaCdf(x, a, b) - probability, 0, 1);
  }

  /** The probability of at most k heads in n throws of a fair coin. */
  public static double fairCoinAtMost(int k, int n) {
    double sum = 0;
    for (int i = 0; i <= k; i++) {
      sum += Math.exp(logChoose(n, i) - n * Math.log(2));
    }
    return Math.min(1, sum);
  }

  private static double logChoose(int n, int k) {
    return logGamma(n + 1.0) - logGamma(k + 1.0) - logGamma(n - k + 1.0);
  }

  /** Continued fraction of the incomplete beta function, by Lentz's method. */
  private static double fraction(double x, double a, double b) {
    double c = 1;
    double d = 1 / notZero(1 - (a + b) * x / (a + 1));
    double result = d;
    for (int m = 1; m < MAX_TERMS; m++) {
      double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
      d = 1 / notZero(1 + even * d);
      c = notZero(1 + even / c);
      result *= d * c;
      double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
      d = 1 / notZero(1 + odd * d);
      c = notZero(1 + odd / c);
      double factor = d * c;
      result *= factor;
      if (Math.abs(factor - 1) < PRECISION) {
        break;
      }
    }
    return result;
  }

  private static double notZero(double value) {
    return Math.abs(value) < TINY ? TINY : value;
  }

  private static double logGamma(double x) {
    double sum = LANCZOS[0];
    for (int i = 1; i < LANCZOS.length; i++) {
      sum += LANCZOS[i] / (x - 1 + i);
    }
    double t = x - 1 + 7.5;
    return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(t) - t + Math.log(sum);
  }

  /** The zero of a rising function. */
  private static double bisect(DoubleUnaryOperator rising, double from, double to) {
    double low = from;
    double high = to;
    while (true) {
      double middle = (low + high) / 2;
      if (middle <= low || middle >= high) {
        return middle;
      }
      if (rising.applyAsDouble(middle) < 0) {
        low = middle;
      } else {
        high = middle;
      }
    }
  }
}
