package io.tokenflex.jobs.evaluate;

import io.tokenflex.generate.Answer;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiFunction;

/** A model whose answers a test makes up from the question and the number of vision tokens. */
public record PlayedModel(Path modelFolder, BiFunction<Question, Integer, Answer> answers)
    implements AnswerModel {
  /** Folders of the models that were closed, in order. */
  static final List<Path> CLOSED = new CopyOnWriteArrayList<>();

  @Override
  public List<Answer> answer(List<Question> questions, int numVisionTokens, int maxNewTokens) {
    return questions.stream().map(question -> answers.apply(question, numVisionTokens)).toList();
  }

  @Override
  public String precision() {
    return "fp32";
  }

  @Override
  public void close() {
    CLOSED.add(modelFolder);
  }
}
