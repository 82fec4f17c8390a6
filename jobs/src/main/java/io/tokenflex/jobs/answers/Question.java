package io.tokenflex.jobs.answers;

import io.tokenflex.generate.Prompt;
import io.tokenflex.samples.Role;
import io.tokenflex.samples.Sample;
import io.tokenflex.samples.Turn;
import java.util.ArrayList;
import java.util.List;

/**
 * One question of a dataset's sample, asked on its own: the images, then that question only, so
 * that no answer leaks into a later question.
 *
 * @param index which of the sample's questions, from 0
 * @param prompt the sample's images and system turn, and the question as its last turn
 * @param expected the assistant's turn that follows it
 */
public record Question(int index, Prompt prompt, String expected) {

  /** The questions of a sample: every user turn that an assistant turn follows. */
  public static List<Question> of(Sample sample) {
    List<Turn> turns = sample.conversation();
    List<Turn> system = turns.stream().filter(turn -> turn.role() == Role.SYSTEM).toList();
    List<Question> questions = new ArrayList<>();
    for (int i = 1; i < turns.size(); i++) {
      if (turns.get(i).role() == Role.ASSISTANT && turns.get(i - 1).role() == Role.USER) {
        List<Turn> asked = new ArrayList<>(system);
        asked.add(withAllImages(turns.get(i - 1), sample.images().size()));
        questions.add(
            new Question(
                questions.size(), new Prompt(asked, sample.images()), turns.get(i).text()));
      }
    }
    return questions;
  }

  /** The question as asked, without image marks. */
  public String text() {
    return prompt.question().text().replace(Sample.IMAGE_MARK, "").strip();
  }

  // A later question refers to images whose marks stand in an earlier turn.
  private static Turn withAllImages(Turn question, int numImages) {
    int missing = numImages - Sample.countImageMarks(question.text());
    return missing == 0
        ? question
        : new Turn(Role.USER, (Sample.IMAGE_MARK + "\n").repeat(missing) + question.text());
  }
}
