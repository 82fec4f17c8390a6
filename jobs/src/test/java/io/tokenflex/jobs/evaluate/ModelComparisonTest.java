package io.tokenflex.jobs.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.generate.Answer.Cost;
import io.tokenflex.score.Score;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ModelComparisonTest {
  /** Right where a question's number is at least {@code from}; three questions a picture. */
  private static List<Prediction> answers(int questions, int from, int questionsPerPicture) {
    List<Prediction> answers = new ArrayList<>();
    for (int count : new int[] {4, 64}) {
      for (int i = 0; i < questions; i++) {
        boolean isRight = i >= from || count == 64;
        answers.add(
            new Prediction(
                "q" + i,
                0,
                "all",
                "",
                "?",
                "yes",
                isRight ? "yes" : "no",
                "sha-" + i / questionsPerPicture,
                count,
                1,
                1,
                1,
                "fp32",
                "",
                Score.of(isRight, "yes"),
                Cost.UNKNOWN));
      }
    }
    return answers;
  }

  private static Map<String, List<Prediction>> models(int questionsPerPicture) {
    Map<String, List<Prediction>> models = new LinkedHashMap<>();
    models.put("old", answers(60, 30, questionsPerPicture));
    models.put("new", answers(60, 0, questionsPerPicture));
    models.put("same", answers(60, 0, questionsPerPicture));
    return models;
  }

  @Test
  void everyPairIsComparedOnTheSameQuestionsAndCorrectedForAll() {
    List<ModelComparison> all = ModelComparison.of(models(1));

    assertThat(all).hasSize(6);
    ModelComparison first = all.get(0);
    assertThat(first.first()).isEqualTo("old");
    assertThat(first.second()).isEqualTo("new");
    assertThat(first.numVisionTokens()).isEqualTo(4);
    assertThat(first.difference()).isEqualTo(0.5);
    // exact McNemar: 30 against 0
    assertThat(first.p()).isCloseTo(2 * Math.pow(0.5, 30), within(1e-15));
    assertThat(first.holmP()).isCloseTo(6 * first.p(), within(1e-14));
    assertThat(all.get(1).difference()).as("at 64 tokens").isZero();
    assertThat(all.get(1).holmP()).isEqualTo(1);
    assertThat(all.get(4).first()).isEqualTo("new");
    assertThat(all.get(4).difference()).isZero();
    assertThat(first.toLine()).contains("new - old at 4 tokens: +50.00 points (95 %: ");
  }

  @Test
  void questionsAboutOnePictureAreNotIndependent() {
    ModelComparison apart = ModelComparison.of(models(1)).get(0);
    ModelComparison together = ModelComparison.of(models(30)).get(0);
    assertThat(together.difference()).isEqualTo(apart.difference());
    assertThat(together.p()).as("two pictures").isGreaterThan(0.3);
    assertThat(together.interval().high() - together.interval().low())
        .isGreaterThan(2 * (apart.interval().high() - apart.interval().low()));
  }

  @Test
  void modelsThatAnsweredDifferentQuestionsAreNotCompared() {
    Map<String, List<Prediction>> models = new LinkedHashMap<>();
    models.put("old", answers(60, 30, 1));
    models.put("new", answers(59, 30, 1));
    assertThatThrownBy(() -> ModelComparison.of(models))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("old and new answered different questions");
  }
}
