package io.tokenflex.jobs.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.tokenflex.tokens.TokenCountSchedule;
import io.tokenflex.tokens.VisionTokenCount;
import io.tokenflex.train.StepMetrics;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class TimeLeftTest {
  private static final long STEPS = 3000;
  private static final TokenCountSchedule SCHEDULE =
      new TokenCountSchedule.Weighted(
          Stream.of(9, 64, 256).map(VisionTokenCount::of).toList(), List.of(1.0, 1.0, 2.0), 7);

  private final Random random = new Random(1);
  private Instant now = Instant.EPOCH;

  /** What a step takes: more with more tokens, four times as long at first, noise of a tenth. */
  private double seconds(long step, int pass) {
    int count = SCHEDULE.countAt(step).numVisionTokens();
    double first = step < pass + 6L ? 4 : 1;
    return first * (0.02 + count * 0.001) * (1 + 0.1 * random.nextGaussian());
  }

  private void run(TimeLeft left, long from, long to) {
    for (long step = from; step < to; step++) {
      double seconds = seconds(step, (int) from);
      double pause = step % 200 == 0 ? 2 : 0;
      now = now.plusNanos(Math.round((seconds + pause) * 1e9));
      left.add(
          new StepMetrics(
              step + 1,
              0,
              SCHEDULE.countAt(step).numVisionTokens(),
              1,
              1,
              1,
              1,
              8,
              0,
              seconds,
              0,
              now));
    }
  }

  private static double truth(long from) {
    double sum = 0;
    for (long step = from; step < STEPS; step++) {
      sum += 0.02 + SCHEDULE.countAt(step).numVisionTokens() * 0.001 + (step % 200 == 0 ? 2 : 0);
    }
    return sum;
  }

  @Test
  void theTimeLeftIsTrueToATwentiethSoonAfterTheStart() {
    TimeLeft left = new TimeLeft(SCHEDULE);
    left.start(0, STEPS);
    run(left, 0, 60);
    long done = 60;
    for (long next : List.of(400L, 1000L, 2000L, 2900L)) {
      run(left, done, next);
      done = next;
      assertThat(left.left().orElseThrow().toMillis() / 1000.0)
          .as("after %d steps", done)
          .isCloseTo(truth(done), within(0.05 * truth(done) + 1));
    }
    run(left, done, STEPS);
    assertThat(left.left().orElseThrow()).isZero();
  }

  @Test
  void nothingIsSaidOfTheFirstSteps() {
    TimeLeft left = new TimeLeft(SCHEDULE);
    left.start(0, STEPS);
    run(left, 0, 2);
    assertThat(left.left()).isEmpty();
  }

  @Test
  void aNewAttemptStartsAnew() {
    TimeLeft left = new TimeLeft(SCHEDULE);
    left.start(0, STEPS);
    run(left, 0, 1000);
    now = now.plusSeconds(3600); // an executor was lost and found again
    left.start(800, STEPS);
    run(left, 800, 1400);
    assertThat(left.left().orElseThrow().toMillis() / 1000.0)
        .isCloseTo(truth(1400), within(0.05 * truth(1400)));
  }
}
