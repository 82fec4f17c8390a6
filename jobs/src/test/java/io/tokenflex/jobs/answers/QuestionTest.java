package io.tokenflex.jobs.answers;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenflex.samples.EncodedImage;
import io.tokenflex.samples.Role;
import io.tokenflex.samples.Sample;
import io.tokenflex.samples.Turn;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class QuestionTest {
  private static final Sample TWO_QUESTIONS =
      new Sample(
          "s1",
          List.of(new EncodedImage(new byte[1], 4, 4, "sha")),
          List.of(
              new Turn(Role.SYSTEM, "Be brief."),
              new Turn(Role.USER, "<image>\nWhat colour?"),
              new Turn(Role.ASSISTANT, "red"),
              new Turn(Role.USER, "What shape?"),
              new Turn(Role.ASSISTANT, "circle")),
          "test",
          Map.of("kind", "mixed"));

  @Test
  void everyQuestionStandsAloneWithItsImageAndTheSystemTurn() {
    List<Question> questions = Question.of(TWO_QUESTIONS);

    assertThat(questions).extracting(Question::expected).containsExactly("red", "circle");
    assertThat(questions.get(1).prompt().turns())
        .containsExactly(
            new Turn(Role.SYSTEM, "Be brief."), new Turn(Role.USER, "<image>\nWhat shape?"));
    assertThat(questions.get(1).text()).isEqualTo("What shape?");
    assertThat(questions.get(1).index()).isEqualTo(1);
  }
}
