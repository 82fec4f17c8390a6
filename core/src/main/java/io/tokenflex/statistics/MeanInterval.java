package io.tokenflex.statistics;

/** The 95 % interval of a mean, by the method that fits its rows. */
public final class MeanInterval {
  private static final double LEVEL = 0.95;

  private MeanInterval() {}

  /**
   * Wilson's for independent rows of 0 and 1; below {@link ClusterBootstrap#FEW_CLUSTERS} clusters
   * Student's t with clusters - 1 degrees of freedom on the clustered error; else a bootstrap of
   * clusters. NaN at both ends where a single cluster tells nothing.
   */
  public static Interval of(double[] scores, Clusters clusters, ClusterBootstrap bootstrap) {
    clusters.expectRows(scores);
    if (clusters.areSingle() && scores.length > 0 && areZeroOrOne(scores)) {
      double right = StandardErrors.mean(scores) * scores.length;
      return Proportions.wilson((int) Math.round(right), scores.length, Proportions.Z95);
    }
    if (clusters.size() < 2) {
      return new Interval(Double.NaN, Double.NaN);
    }
    if (clusters.size() >= ClusterBootstrap.FEW_CLUSTERS) {
      return bootstrap.ofMean(scores, clusters, LEVEL);
    }
    double mean = StandardErrors.mean(scores);
    double width =
        Distributions.studentQuantile(1 - LEVEL, clusters.size() - 1.0)
            * StandardErrors.ofMean(scores, clusters);
    return new Interval(mean - width, mean + width);
  }

  private static boolean areZeroOrOne(double[] scores) {
    for (double score : scores) {
      if (score != 0 && score != 1) {
        return false;
      }
    }
    return true;
  }
}
