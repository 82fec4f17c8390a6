package io.tokenflex.jobs.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PredictionTest {
  private static boolean correct(String expected, String predicted) {
    return new Prediction("s", 0, "all", "", "Which?", expected, predicted, 4, 1, 1, 0.5, "fp32")
        .correct();
  }

  @Test
  void caseAndSurroundingSpaceDoNotCount() {
    assertThat(correct("Red", " red\n")).isTrue();
    assertThat(correct("red", "reddish")).isFalse();
  }

  @Test
  void reasoningBeforeAnAnswerDoesNotCount() {
    assertThat(correct("circle", "<think>\n\n</think>\n\ncircle")).isTrue();
    assertThat(correct("<think>round</think>circle", "circle")).isTrue();
    assertThat(correct("circle", "<think>circle</think>square")).isFalse();
    assertThat(correct("circle", "<think>circle")).isFalse();
  }
}
