package io.tokenflex.optimizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class LearningRateScheduleTest {
  private static final double PEAK = 2e-3;

  @Test
  void theRateWarmsUpInALineAndEndsAtTheFinalFraction() {
    LearningRateSchedule schedule = new LearningRateSchedule.WarmupCosine(PEAK, 10, 110, 0.1);
    assertThat(schedule.rateAt(0)).isEqualTo(PEAK / 10);
    assertThat(schedule.rateAt(4)).isEqualTo(PEAK / 2);
    assertThat(schedule.rateAt(9)).isEqualTo(PEAK);
    assertThat(schedule.rateAt(10)).isEqualTo(PEAK);
    assertThat(schedule.rateAt(60)).isCloseTo(PEAK * (0.1 + 0.9 / 2), within(1e-12));
    assertThat(schedule.rateAt(110)).isCloseTo(PEAK * 0.1, within(1e-12));
    assertThat(schedule.rateAt(5_000)).isCloseTo(PEAK * 0.1, within(1e-12));
  }

  @Test
  void theRateNeverRisesAfterTheWarmUp() {
    LearningRateSchedule schedule = new LearningRateSchedule.WarmupCosine(PEAK, 7, 200, 0);
    for (long step = 8; step <= 220; step++) {
      assertThat(schedule.rateAt(step)).isBetween(0.0, schedule.rateAt(step - 1));
    }
  }

  @Test
  void aRunThatIsAllWarmUpReachesThePeak() {
    LearningRateSchedule schedule = new LearningRateSchedule.WarmupCosine(PEAK, 5, 5, 0.5);
    assertThat(schedule.rateAt(4)).isEqualTo(PEAK);
    assertThat(new LearningRateSchedule.WarmupCosine(PEAK, 0, 5, 0.5).rateAt(0)).isEqualTo(PEAK);
  }

  @Test
  void impossibleSettingsNameTheKeyAndTheValue() {
    assertThatThrownBy(() -> new LearningRateSchedule.WarmupCosine(PEAK, 11, 10, 0.1))
        .hasMessage("warmupSteps is 11; it must be between 0 and maxSteps (10)");
    assertThatThrownBy(() -> new LearningRateSchedule.WarmupCosine(PEAK, 1, 10, 1.5))
        .hasMessage("finalFraction is 1.5; it must be between 0 and 1");
    assertThatThrownBy(() -> new LearningRateSchedule.WarmupCosine(0, 1, 10, 0.1))
        .hasMessage("learning rate is 0.0; it must be above 0");
    assertThatThrownBy(() -> new LearningRateSchedule.WarmupCosine(Double.NaN, 1, 10, 0.1))
        .hasMessage("learning rate is NaN; it must be above 0");
  }
}
