package io.tokenflex.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.tokenflex.failure.InvalidInputException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class StatisticsTest {
  private static final long SEED = 3;
  private static final ClusterBootstrap BOOTSTRAP = new ClusterBootstrap(1, 2_000);

  @Test
  void quantilesOfStudentsTAreThoseOfTheTables() {
    assertThat(Distributions.studentQuantile(0.05, 2)).isCloseTo(4.302652729911275, within(1e-9));
    assertThat(Distributions.studentQuantile(0.05, 10)).isCloseTo(2.2281388519649385, within(1e-9));
    assertThat(Distributions.studentQuantile(0.05, 1e7)).isCloseTo(Proportions.Z95, within(1e-6));
    assertThat(Distributions.studentTwoSided(4.302652729911275, 2)).isCloseTo(0.05, within(1e-10));
    assertThatThrownBy(() -> Distributions.studentQuantile(0.05, 0))
        .isInstanceOf(InvalidInputException.class);
  }

  @Test
  void withoutClustersBothErrorsAreTheSame() {
    double[] scores = random(200, 1);
    assertThat(StandardErrors.ofMean(scores, Clusters.single(200)))
        .isCloseTo(StandardErrors.ofMean(scores), within(1e-15));
  }

  /** Copying every row k times tells nothing new, and only the clustered error knows. */
  @Test
  void copiesOfRowsDoNotShrinkTheClusteredError() {
    double[] scores = random(100, 1);
    double[] copied = new double[500];
    List<Integer> keys = new ArrayList<>();
    for (int i = 0; i < copied.length; i++) {
      copied[i] = scores[i / 5];
      keys.add(i / 5);
    }
    double error = StandardErrors.ofMean(scores);
    // The two formulas differ by n/(n-1) alone.
    assertThat(StandardErrors.ofMean(copied, Clusters.of(keys))).isCloseTo(error, within(0.001));
    assertThat(StandardErrors.ofMean(copied)).isLessThan(error / 2);
  }

  @Test
  void theBootstrapAgreesWithTheErrorAndWithItself() {
    double[] scores = random(2_000, 1);
    Clusters clusters = Clusters.single(scores.length);
    Interval interval = BOOTSTRAP.ofMean(scores, clusters, 0.95);
    double mean = StandardErrors.mean(scores);
    double width = Proportions.Z95 * StandardErrors.ofMean(scores);
    assertThat(interval.low()).isCloseTo(mean - width, within(0.003));
    assertThat(interval.high()).isCloseTo(mean + width, within(0.003));
    assertThat(BOOTSTRAP.ofMean(scores, clusters, 0.95)).isEqualTo(interval);
    assertThat(new ClusterBootstrap(2, 2_000).ofMean(scores, clusters, 0.95))
        .isNotEqualTo(interval);
  }

  @Test
  void clustersOfTheBootstrapStayWhole() {
    Clusters clusters = Clusters.of(List.of("a", "a", "a", "b", "c", "c"));
    BOOTSTRAP.interval(
        List.of(clusters),
        rows -> {
          int[] counts = new int[6];
          for (int row : rows.get(0)) {
            counts[row]++;
          }
          assertThat(counts[0]).isEqualTo(counts[1]).isEqualTo(counts[2]);
          assertThat(counts[4]).isEqualTo(counts[5]);
          return 0;
        },
        0.95);
  }

  @Test
  void theIntervalOfAMeanFitsItsRows() {
    double[] truth = {1, 1, 0, 1};
    assertThat(MeanInterval.of(truth, Clusters.single(4), BOOTSTRAP))
        .isEqualTo(Proportions.wilson(3, 4, Proportions.Z95));
    Interval few = MeanInterval.of(truth, Clusters.of(List.of(0, 0, 1, 1)), BOOTSTRAP);
    assertThat(few.high() - few.low()).as("t with one degree of freedom").isGreaterThan(1);
    assertThat(MeanInterval.of(truth, Clusters.of(List.of(0, 0, 0, 0)), BOOTSTRAP).low()).isNaN();
  }

  @Test
  void equalSystemsAreNotTold() {
    double[] scores = random(50, 1);
    PairedComparison same = PairedComparison.of(scores, scores, Clusters.single(50));
    assertThat(same.studentP()).isEqualTo(1);
    assertThat(same.mcNemarP()).isEqualTo(1);
    assertThat(PairedComparison.signFlipP(scores, scores, Clusters.single(50), 1)).isEqualTo(1);
    assertThatThrownBy(() -> PairedComparison.of(scores, new double[3], Clusters.single(50)))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("50 scores against 3");
  }

  @Test
  void signFlipsAgreeWithMcNemarOnIndependentRows() {
    double[] first = new double[60];
    double[] second = new double[60];
    for (int i = 0; i < 60; i++) {
      first[i] = i < 18 ? 1 : 0;
      second[i] = i >= 18 && i < 24 ? 1 : 0;
    }
    PairedComparison comparison = PairedComparison.of(first, second, Clusters.single(60));
    double flips = PairedComparison.signFlipP(first, second, Clusters.single(60), 5);
    assertThat(comparison.mcNemarP()).isCloseTo(0.0227, within(0.0001));
    assertThat(flips).isCloseTo(comparison.mcNemarP(), within(0.006));
  }

  @Test
  void holmIsNeverBelowThePlainValueNorAboveBonferroni() {
    SplittableRandom random = new SplittableRandom(SEED);
    for (int i = 0; i < 200; i++) {
      List<Double> p = random.doubles(1 + random.nextInt(6)).boxed().toList();
      List<Double> holm = SeveralTests.holm(p);
      for (int k = 0; k < p.size(); k++) {
        assertThat(holm.get(k)).isBetween(p.get(k), Math.min(1, p.size() * p.get(k)));
      }
    }
  }

  @Test
  void sizesAreThoseOfTheRule() {
    assertThat(SampleSize.rowsFor(0.1, 0.01)).isEqualTo(7840);
    assertThat(SampleSize.rowsFor(0.1, 0.02)).isEqualTo(1960);
    assertThat(SampleSize.rowsFor(0.1, 0.005)).isEqualTo(31360);
  }

  private static double[] random(int rows, long stream) {
    SplittableRandom random = new SplittableRandom(SEED + stream);
    return random.ints(rows, 0, 2).asDoubleStream().toArray();
  }
}
