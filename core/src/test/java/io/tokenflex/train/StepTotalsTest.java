package io.tokenflex.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tokenflex.distributed.CollectiveException;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class StepTotalsTest {
  private static float[] sums(List<StepTotals> ranks) {
    float[] sums = new float[StepTotals.SIZE];
    for (StepTotals rank : ranks) {
      float[] values = StepTotals.counts(rank.step(), rank.validTokens(), rank.samples());
      values[StepTotals.LOSS] = rank.loss();
      for (int i = 0; i < sums.length; i++) {
        sums[i] += values[i];
      }
    }
    return sums;
  }

  @Test
  void ranksAtTheSameStepGetTheirSums() {
    for (long step : new long[] {0, 1, 4095, 4096, 1L << 24, (1L << 36) - 1}) {
      StepTotals rank = new StepTotals(step, 1.5f, 10, 2);
      assertThat(StepTotals.ofSums(sums(List.of(rank, rank, rank)), step, 3))
          .isEqualTo(new StepTotals(step, 4.5f, 30, 6));
    }
  }

  @Test
  void ranksAtDifferentStepsAllStop() {
    long seed = 5;
    Random random = new Random(seed);
    for (int i = 0; i < 200; i++) {
      long step = random.nextLong(1L << 30);
      long other =
          random.nextBoolean() ? step + 1 + random.nextInt(9000) : random.nextLong(1L << 30);
      float[] sums = sums(List.of(new StepTotals(step, 1, 1, 1), new StepTotals(other, 1, 1, 1)));
      for (long mine : new long[] {step, other}) {
        assertThatThrownBy(() -> StepTotals.ofSums(sums, mine, 2))
            .as("seed %d: steps %d and %d", seed, step, other)
            .isInstanceOf(CollectiveException.class)
            .hasMessageContaining("this one step " + mine);
      }
    }
  }
}
