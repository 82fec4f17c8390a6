package io.tokenflex.jobs.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenflex.generate.Answer.Confidence;
import io.tokenflex.generate.Answer.Cost;
import io.tokenflex.jobs.answers.AnsweredRow;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PredictionTest {
  private static boolean correct(String expected, String predicted) {
    return prediction(expected, predicted, "").correct();
  }

  private static Prediction prediction(String expected, String predicted, String... settings) {
    return prediction(expected, Map.of(), predicted, settings);
  }

  private static Prediction prediction(
      String expected, Map<String, String> metadata, String predicted, String... settings) {
    Map<String, String> carried = new HashMap<>();
    metadata.forEach((name, value) -> carried.put(HeldoutRows.METADATA + name, value));
    carried.putAll(expected(expected));
    AnsweredRow answer =
        new AnsweredRow("s#1", predicted, 2, 4, 1.0, "", carried, Confidence.CERTAIN, Cost.UNKNOWN);
    return Prediction.of(answer, 64, "fp32", EvaluateConfigs.of(settings));
  }

  private static Map<String, String> expected(String expected) {
    return Map.of(
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
        "colour");
  }

  private static Prediction listed(String references, String predicted, String score) {
    return prediction("the turn", Map.of("references", references), predicted, "score = " + score);
  }

  @Test
  void anyOfTheAcceptedAnswersIsRightAndTheTurnIsNotOneOfThem() {
    String colours = "[\"red\", \"crimson\"]";
    for (String score : List.of("text", "exact", "anls", "relaxed", "contained")) {
      assertThat(listed(colours, "Crimson", score).correct()).as(score).isTrue();
      assertThat(listed(colours, "the turn", score).correct()).as(score).isFalse();
      assertThat(listed(colours, "Crimson", score).isBroken()).as(score).isFalse();
    }
    assertThat(listed("[\"a\", \"a\", \"a\", \"b\"]", "a", "vqa").score().value())
        .isEqualTo((3 * 2 / 3.0 + 1) / 4);
    assertThat(listed(colours, "red", "normalised").score().value()).isEqualTo(0.5);
    assertThat(listed("[\"yes\"]", "Yes, it is.", "yes-no").correct()).isTrue();
  }

  @Test
  void whatCannotBeComparedHasAProblemAndIsWrong() {
    Prediction nested = listed("[[\"red\"]]", "red", "text");
    assertThat(nested.correct()).isFalse();
    assertThat(nested.isIncomparable()).isTrue();
    assertThat(nested.problem()).startsWith("references has the type array at place 0");
    assertThat(prediction("[]", "x", "score = vqa").problem()).contains("is an empty list");
    assertThat(prediction("maybe", "No", "score = yes-no").problem())
        .contains("The expected answer is maybe; the rule yes-no expects yes or no");
  }

  @Test
  void theWholeExpectedTextHasToBeContained() {
    assertThat(prediction("red", "It is Red.", "score = contained").correct()).isTrue();
    assertThat(prediction("red", "green", "score = contained").correct()).isFalse();
    assertThat(prediction("yes", "Yes", "score = yes-no").correct()).isTrue();
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
