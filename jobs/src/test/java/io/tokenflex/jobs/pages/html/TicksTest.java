package io.tokenflex.jobs.pages.html;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TicksTest {
  @Test
  void ticksAreRoundAndInside() {
    assertThat(Ticks.between(0, 1, 5)).containsExactly(0, 0.2, 0.4, 0.6000000000000001, 0.8, 1);
    assertThat(Ticks.between(3, 598, 7)).containsExactly(100, 200, 300, 400, 500);
    assertThat(Ticks.between(-2, 2, 4)).containsExactly(-2, -1, 0, 1, 2);
  }

  @Test
  void labelsAreShort() {
    assertThat(Ticks.label(0.6000000000000001)).isEqualTo("0.6");
    assertThat(Ticks.label(3e-4)).isEqualTo("3e-4");
    assertThat(Ticks.label(2.5e-4)).isEqualTo("2.5e-4");
    assertThat(Ticks.label(0)).isEqualTo("0");
    assertThat(Ticks.label(144)).isEqualTo("144");
    assertThat(Ticks.label(12000)).isEqualTo("12k");
    assertThat(Ticks.label(2_500_000)).isEqualTo("2.5M");
  }
}
