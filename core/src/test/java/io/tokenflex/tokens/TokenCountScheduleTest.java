package io.tokenflex.tokens;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TokenCountScheduleTest {
  private static final List<VisionTokenCount> COUNTS =
      List.of(VisionTokenCount.of(64), VisionTokenCount.of(144), VisionTokenCount.of(256));

  private static TokenCountSchedule weighted(long seed) {
    return new TokenCountSchedule.Weighted(COUNTS, List.of(2.0, 3.0, 5.0), seed);
  }

  @Test
  void countsComeAsOftenAsTheirWeightsSay() {
    for (long seed = 0; seed < 5; seed++) {
      TokenCountSchedule schedule = weighted(seed);
      int[] seen = new int[3];
      LongStream.range(0, 10_000).forEach(s -> seen[COUNTS.indexOf(schedule.countAt(s))]++);
      // Four standard deviations of a binomial.
      assertThat(seen[0]).as("64, seed %d", seed).isBetween(2_000 - 160, 2_000 + 160);
      assertThat(seen[1]).as("144, seed %d", seed).isBetween(3_000 - 184, 3_000 + 184);
      assertThat(seen[2]).as("256, seed %d", seed).isBetween(5_000 - 200, 5_000 + 200);
    }
  }

  @Test
  void theCountIsAPureFunctionOfSeedAndStep() {
    TokenCountSchedule schedule = weighted(7);
    List<VisionTokenCount> forward = LongStream.range(0, 200).mapToObj(schedule::countAt).toList();
    TokenCountSchedule another = weighted(7);
    for (int step = 199; step >= 0; step--) {
      assertThat(another.countAt(step)).as("step %d", step).isEqualTo(forward.get(step));
    }
    TokenCountSchedule otherSeed = weighted(8);
    assertThat(LongStream.range(0, 200).mapToObj(otherSeed::countAt).toList())
        .isNotEqualTo(forward);
  }

  @Test
  void aFixedScheduleNeverChanges() {
    TokenCountSchedule schedule = new TokenCountSchedule.Fixed(VisionTokenCount.of(144));
    assertThat(LongStream.range(0, 100).mapToObj(schedule::countAt))
        .containsOnly(VisionTokenCount.of(144));
    assertThat(schedule.counts()).containsExactly(VisionTokenCount.of(144));
  }

  @ParameterizedTest
  @CsvSource({"63, 49, 64", "65, 64, 81", "2, 1, 4", "0, 1, 4", "-9, 1, 4"})
  void aCountThatIsNoSquareNamesTheSquaresBesideIt(int count, int below, int above) {
    assertThatThrownBy(() -> VisionTokenCount.of(count))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "%s vision tokens do not form a square grid; take %s or %s", count, below, above);
  }

  @Test
  void weightsThatFitNoCountsAreRejected() {
    assertThatThrownBy(() -> new TokenCountSchedule.Weighted(COUNTS, List.of(1.0), 0))
        .hasMessage("3 token counts but 1 weights; give one weight for each count, at least one");
    assertThatThrownBy(() -> new TokenCountSchedule.Weighted(List.of(), List.of(), 0))
        .hasMessage("0 token counts but 0 weights; give one weight for each count, at least one");
    assertThatThrownBy(() -> new TokenCountSchedule.Weighted(COUNTS, List.of(1.0, 0.0, 1.0), 0))
        .hasMessage("The weight of 144 vision tokens is 0.0; it must be a positive number");
    List<VisionTokenCount> descending = List.of(VisionTokenCount.of(144), VisionTokenCount.of(64));
    assertThatThrownBy(() -> new TokenCountSchedule.Weighted(descending, List.of(1.0, 1.0), 0))
        .hasMessage("Token counts [144, 64] are not in ascending order without repeats");
  }
}
