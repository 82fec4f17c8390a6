package io.tokenflex.jobs.answers;

import io.tokenflex.generate.Answer;
import io.tokenflex.generate.Prompt;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiFunction;

/** A model whose answers a test makes up from the prompt and the number of vision tokens. */
public record PlayedModel(Path modelFolder, BiFunction<Prompt, Integer, Answer> answers)
    implements AnswerModel {
  /** Folders of the models that were closed, in order. */
  static final List<Path> CLOSED = new CopyOnWriteArrayList<>();

  @Override
  public List<Answer> answer(List<Prompt> prompts, int numVisionTokens, int maxNewTokens) {
    return prompts.stream().map(prompt -> answers.apply(prompt, numVisionTokens)).toList();
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
