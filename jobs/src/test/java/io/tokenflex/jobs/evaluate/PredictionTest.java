package io.tokenflex.jobs.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenflex.jobs.answers.AnsweredRow;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PredictionTest {
  private static boolean correct(String expected, String predicted) {
    return new Prediction(
            "s", 0, "all", "", "Which?", expected, predicted, "sha", 4, 1, 1, 0.5, "fp32", "")
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

  @Test
  void anAnswerBelongsToTheKindOfItsSampleOrToAll() {
    AnsweredRow answer =
        new AnsweredRow(
            "s#1",
            "red",
            2,
            4,
            1.0,
            "",
            Map.of(
                HeldoutRows.SAMPLE,
                "s",
                HeldoutRows.QUESTION_INDEX,
                "1",
                HeldoutRows.QUESTION,
                "Which?",
                HeldoutRows.EXPECTED,
                "red",
                HeldoutRows.PICTURE,
                "sha",
                HeldoutRows.METADATA + "kind",
                "colour"));

    Prediction known = Prediction.of(answer, 64, "fp32", "kind", Optional.of("size"));
    assertThat(known.kind()).isEqualTo("colour");
    assertThat(known.detail()).isEmpty();
    assertThat(known.seconds()).isEqualTo(0.25);
    assertThat(Prediction.of(answer, 64, "fp32", "topic", Optional.empty()).kind())
        .isEqualTo(Question.NO_KIND);
  }
}
