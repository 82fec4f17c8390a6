package io.tokenflex.random;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SeededHashTest {
  /** Other values here mean other sample orders, weights and token counts in every stored run. */
  @Test
  void valuesNeverChange() {
    assertThat(SeededHash.of(7, "token-count").value()).isEqualTo(0x3c1ca16316d5e5d4L);
    assertThat(SeededHash.of(7, "token-count").with(3).value()).isEqualTo(0xdcf0b465083839dfL);
    assertThat(SeededHash.of(0, "").with(0).value()).isEqualTo(0xd827dd1c5e918336L);
    assertThat(SeededHash.of(-1, "x").with(-1).value()).isEqualTo(0xc0057f6e84a5f88cL);
    assertThat(SeededHash.of(7, "token-count").with(3).toUnitInterval())
        .isEqualTo(0.8630478617344303);
  }

  @Test
  void seedPurposeAndNumberAllCount() {
    SeededHash hash = SeededHash.of(1, "a").with(2);
    assertThat(hash)
        .isEqualTo(SeededHash.of(1, "a").with(2))
        .isNotEqualTo(SeededHash.of(2, "a").with(2))
        .isNotEqualTo(SeededHash.of(1, "b").with(2))
        .isNotEqualTo(SeededHash.of(1, "a").with(1))
        .isNotEqualTo(SeededHash.of(1, "a").with(2).with(0));
    assertThat(SeededHash.of(1, "a").with(2).with(3))
        .as("the order of numbers counts")
        .isNotEqualTo(SeededHash.of(1, "a").with(3).with(2));
  }
}
