package io.tokenflex.jobs.pages.inspect;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class HistogramTest {
  @Test
  void smallValuesAreCountedOneByOne() {
    Histogram histogram = new Histogram();
    for (long value : new long[] {3, 1, 2, 3}) {
      histogram.add(value);
    }
    assertThat(histogram.count()).isEqualTo(4);
    assertThat(histogram.min()).isEqualTo(1);
    assertThat(histogram.max()).isEqualTo(3);
    assertThat(histogram.mean()).isEqualTo(2.25);
    assertThat(histogram.quantile(0.5)).isEqualTo(2);
    Bins bins = Bins.of(histogram);
    assertThat(bins.isSingle()).isTrue();
    assertThat(histogram.counts(bins)).containsExactly(1, 1, 2);
  }

  @Test
  void quantilesOfLargeValuesAreRightToAThousandth() {
    long seed = 11;
    Random random = new Random(seed);
    Histogram first = new Histogram();
    Histogram second = new Histogram();
    long[] values = new long[20_000];
    for (int i = 0; i < values.length; i++) {
      values[i] = (long) Math.exp(random.nextDouble() * 20);
      (i % 3 == 0 ? first : second).add(values[i]);
    }
    first.addAll(second);
    Arrays.sort(values);
    for (double fraction : new double[] {0.01, 0.25, 0.5, 0.95, 1}) {
      long exact = values[(int) Math.ceil(fraction * values.length) - 1];
      assertThat((double) first.quantile(fraction))
          .as("seed %d, quantile %s", seed, fraction)
          .isBetween(exact * 0.999 - 1, (double) exact);
    }
    Bins bins = Bins.of(first);
    assertThat(bins.isLog()).isTrue();
    assertThat(Arrays.stream(first.counts(bins)).sum()).isEqualTo(values.length);
  }

  @Test
  void anEmptyHistogramHasNoSurprises() {
    Histogram histogram = new Histogram();
    histogram.addAll(new Histogram());
    assertThat(histogram.isEmpty()).isTrue();
    assertThat(histogram.mean()).isZero();
    assertThat(histogram.quantile(0.5)).isZero();
    assertThat(histogram.counts(Bins.of(histogram))).containsOnly(0);
  }

  @Test
  void evenBinsHaveRoundEdgesAndHoldEveryValue() {
    Histogram histogram = new Histogram();
    for (int value = 130; value <= 900; value++) {
      histogram.add(value);
    }
    Bins bins = Bins.of(histogram);
    assertThat(bins.isLog()).isFalse();
    assertThat(bins.edges()).allMatch(edge -> edge % 10 == 0);
    assertThat(Arrays.stream(histogram.counts(bins)).sum()).isEqualTo(771);
  }
}
