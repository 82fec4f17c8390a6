package io.tokenflex.score;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TextMatchScorerTest {
  private static boolean equal(String expected, String given) {
    return new TextMatchScorer().score(Reference.of(expected), given).outcome() == Outcome.RIGHT;
  }

  @Test
  void caseSpaceAndOneFullStopDoNotCount() {
    assertThat(equal("B", "B.")).isTrue();
    assertThat(equal("Red.", " red\n")).isTrue();
    assertThat(equal("yes", "Yes .")).isTrue();
  }

  @Test
  void allElseCounts() {
    assertThat(equal("B", "B. red")).isFalse();
    assertThat(equal("red", "reddish")).isFalse();
    assertThat(equal("1", "1..")).isFalse();
    assertThat(equal("", ".")).isFalse();
    assertThat(equal("[1, 2]", "[1, 2]")).as("no list").isTrue();
  }
}
