package io.tokenflex.jobs.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SweepTest {
  private static List<String> keys(int numRows, int rowsPerCluster) {
    return IntStream.range(0, numRows).mapToObj(row -> "picture-" + row / rowsPerCluster).toList();
  }

  private static double[] scores(int numRows, int numRight) {
    return IntStream.range(0, numRows).mapToDouble(row -> row < numRight ? 1 : 0).toArray();
  }

  @Test
  void independentRowsAreComparedByMcNemarsExactTest() {
    Sweep sweep = new Sweep(keys(20, 1));
    sweep.add(64, scores(20, 10));
    sweep.add(256, scores(20, 16));

    Sweep.Comparison pair = sweep.comparisons().get(0);
    assertThat(pair.lower()).isEqualTo(64);
    assertThat(pair.difference()).isCloseTo(0.3, within(1e-12));
    // 6 rows differ, all in one direction: 2 (1/2)^6
    assertThat(pair.p()).isCloseTo(2 / 64.0, within(1e-12));
    assertThat(pair.holmP()).isCloseTo(pair.p(), within(1e-12));
  }

  @Test
  void severalPairsAreCorrectedByHolm() {
    Sweep sweep = new Sweep(keys(20, 1));
    sweep.add(64, scores(20, 10));
    sweep.add(144, scores(20, 10));
    sweep.add(256, scores(20, 16));

    assertThat(sweep.comparisons()).hasSize(3);
    assertThat(sweep.comparisons().get(1).holmP()).isCloseTo(3 * 2 / 64.0, within(1e-12));
    assertThat(sweep.comparisons().get(0).p()).isEqualTo(1);
  }

  @Test
  void questionsAboutOnePictureWidenTheInterval() {
    Sweep alone = new Sweep(keys(80, 1));
    Sweep together = new Sweep(keys(80, 8));
    alone.add(64, scores(80, 40));
    together.add(64, scores(80, 40));

    double narrow = alone.interval(64).high() - alone.interval(64).low();
    double wide = together.interval(64).high() - together.interval(64).low();
    assertThat(wide).isGreaterThan(2 * narrow);
  }

  @Test
  void rowsThatAreUnscoredAtOneCountAreInNoComparison() {
    Sweep sweep = new Sweep(keys(4, 1));
    sweep.add(64, new double[] {0, Double.NaN, 0, 1});
    sweep.add(256, new double[] {1, 1, Double.NaN, 1});

    assertThat(sweep.comparisons().get(0).difference()).isEqualTo(0.5);
    assertThat(new Sweep(keys(1, 1)).comparisons()).isEmpty();
  }
}
