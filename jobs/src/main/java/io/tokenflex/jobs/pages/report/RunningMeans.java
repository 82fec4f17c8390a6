package io.tokenflex.jobs.pages.report;

/** The curve through values that lie far apart from step to step. */
final class RunningMeans {
  private RunningMeans() {}

  /** Means that forget: the weight of a value falls with those after it, over a 40th of them. */
  static double[] of(double[] values) {
    double[] means = new double[values.length];
    double mean = 0;
    double weight = 0;
    double keep = 1 - 1.0 / Math.max(5, values.length / 40.0);
    for (int i = 0; i < means.length; i++) {
      // bias-corrected, so that the first steps are not pulled to zero
      mean = keep * mean + (1 - keep) * values[i];
      weight = keep * weight + (1 - keep);
      means[i] = mean / weight;
    }
    return means;
  }
}
