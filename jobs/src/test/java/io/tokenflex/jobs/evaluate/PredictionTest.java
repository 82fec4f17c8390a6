package io.tokenflex.jobs.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenflex.generate.Answer.Confidence;
import io.tokenflex.generate.Answer.Cost;
import io.tokenflex.jobs.answers.AnsweredRow;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PredictionTest {
  private static boolean correct(String expected, String predicted) {
    return prediction(expected, predicted, "").correct();
  }

  private static Prediction prediction(String expected, String predicted, String... settings) {
    AnsweredRow answer =
        new AnsweredRow(
            "s#1",
            predicted,
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
                expected,
                HeldoutRows.PICTURE,
                "sha",
                HeldoutRows.METADATA + "kind",
                "colour"),
            Confidence.CERTAIN,
            Cost.UNKNOWN);
    return Prediction.of(answer, 64, "fp32", EvaluateConfigs.of(settings));
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
  void aFullStopCountsOnlyIfItIsAskedTo() {
    assertThat(correct("B", "B.")).isTrue();
    assertThat(prediction("B", "B.", "score = exact").correct()).isFalse();
    assertThat(prediction("100", "103", "score = relaxed").correct()).isTrue();
    assertThat(prediction("hello", "helli", "score = anls").score().value()).isEqualTo(0.8);
    assertThat(prediction("No", "No, it is not.", "score = yes-no").correct()).isTrue();
  }

  @Test
  void anAnswerBelongsToTheKindOfItsSampleOrToAll() {
    Prediction known = prediction("red", "red", "detailKey = size");
    assertThat(known.kind()).isEqualTo("colour");
    assertThat(known.detail()).isEmpty();
    assertThat(known.seconds()).isEqualTo(0.25);
    assertThat(prediction("red", "red", "kindKey = topic").kind()).isEqualTo(Prediction.NO_KIND);
  }
}
