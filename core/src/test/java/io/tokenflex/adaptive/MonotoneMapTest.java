package io.tokenflex.adaptive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;

class MonotoneMapTest {
  @Test
  void violatorsArePooledToTheirMean() {
    // worked out by hand: 1, then (0.2 + 0.6) / 2, then 0
    MonotoneMap map = MonotoneMap.fit(new double[] {3, 1, 2, 4}, new double[] {0.6, 1, 0.2, 0});
    assertThat(map.from()).containsExactly(1.0, 2.0, 4.0);
    assertThat(map.values().get(1)).isCloseTo(0.4, within(1e-12));
    assertThat(map.at(0)).isEqualTo(1);
    assertThat(map.at(3.9)).isCloseTo(0.4, within(1e-12));
    assertThat(map.at(99)).isZero();
    assertThat(map.firstAtMost(0.4 + 1e-9)).isEqualTo(2);
    assertThat(map.firstAtMost(-1)).isNaN();
  }

  @Test
  void equalPlacesHaveOneValue() {
    MonotoneMap map = MonotoneMap.fit(new double[] {1, 1, 1, 1}, new double[] {0, 1, 0, 0});
    assertThat(map.values()).containsExactly(0.25);
  }

  @Test
  void theMapNeverRisesAndKeepsTheMean() {
    for (int seed = 0; seed < 50; seed++) {
      Random random = new Random(seed);
      double[] x = random.doubles(1 + random.nextInt(60)).map(v -> Math.rint(20 * v)).toArray();
      double[] y = random.doubles(x.length).toArray();
      MonotoneMap map = MonotoneMap.fit(x, y);
      double sum = 0;
      double fitted = 0;
      for (int i = 0; i < x.length; i++) {
        sum += y[i];
        fitted += map.at(x[i]);
        for (int j = 0; j < x.length; j++) {
          if (x[i] < x[j]) {
            assertThat(map.at(x[j])).as("seed %d", seed).isLessThanOrEqualTo(map.at(x[i]));
          }
        }
      }
      assertThat(fitted).as("seed %d", seed).isCloseTo(sum, within(1e-9));
    }
  }
}
