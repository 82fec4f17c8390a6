package io.tokenflex.jobs.evaluate;

import io.tokenflex.generate.Prompt;
import io.tokenflex.generate.TextGenerator;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** The trained model: greedy decoding with {@link TextGenerator}. */
public final class GeneratorAnswerModel implements AnswerModel {
  private final TextGenerator generator;

  private GeneratorAnswerModel(TextGenerator generator) {
    this.generator = generator;
  }

  /** Loads a model folder; it stays loaded as long as the executor lives. */
  public static AnswerModel load(Path modelFolder) throws IOException {
    return new GeneratorAnswerModel(TextGenerator.load(modelFolder));
  }

  @Override
  public List<Answer> answer(List<Question> questions, int numVisionTokens, int maxNewTokens) {
    List<Prompt> prompts = questions.stream().map(q -> new Prompt(q.prompt(), q.images())).toList();
    return generator.generate(prompts, numVisionTokens, maxNewTokens).stream()
        .map(generation -> new Answer(generation.text(), generation.numNewTokens()))
        .toList();
  }
}
