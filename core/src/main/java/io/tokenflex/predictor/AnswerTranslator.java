package io.tokenflex.predictor;

import ai.djl.ndarray.NDList;
import ai.djl.translate.Batchifier;
import ai.djl.translate.Translator;
import ai.djl.translate.TranslatorContext;
import io.tokenflex.generate.Answer;
import io.tokenflex.generate.GenerationConfig;
import io.tokenflex.generate.Prompt;
import io.tokenflex.generate.TextGenerator;
import io.tokenflex.generate.TokenListener;
import java.util.List;

/** Answers prompts as a batch. Predictors of one model take turns. */
final class AnswerTranslator implements Translator<Prompt, Answer> {
  private static final String ANSWERS = "answers";

  private final TextGenerator generator;
  private final int numVisionTokens;
  private final GenerationConfig config;

  AnswerTranslator(TextGenerator generator, int numVisionTokens, GenerationConfig config) {
    this.generator = generator;
    this.numVisionTokens = numVisionTokens;
    this.config = config;
  }

  /** Anything but null: DJL then hands over whole batches, and arrays are never stacked here. */
  @Override
  public Batchifier getBatchifier() {
    return Batchifier.STACK;
  }

  @Override
  public NDList batchProcessInput(TranslatorContext context, List<Prompt> prompts) {
    synchronized (generator) {
      context.setAttachment(
          ANSWERS, generator.generate(prompts, numVisionTokens, config, TokenListener.NONE));
    }
    return new NDList();
  }

  @Override
  @SuppressWarnings("unchecked") // set above
  public List<Answer> batchProcessOutput(TranslatorContext context, NDList outputs) {
    return (List<Answer>) context.getAttachment(ANSWERS);
  }

  @Override
  public NDList processInput(TranslatorContext context, Prompt prompt) {
    return batchProcessInput(context, List.of(prompt));
  }

  @Override
  public Answer processOutput(TranslatorContext context, NDList outputs) {
    return batchProcessOutput(context, outputs).get(0);
  }
}
