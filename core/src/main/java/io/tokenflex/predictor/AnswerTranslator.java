package io.tokenflex.predictor;

import ai.djl.ndarray.NDList;
import ai.djl.translate.Batchifier;
import ai.djl.translate.Translator;
import ai.djl.translate.TranslatorContext;
import io.tokenflex.generate.Answer;
import io.tokenflex.generate.Prompt;
import java.util.List;

/** Answers prompts as a batch. Predictors of one model take turns. */
final class AnswerTranslator implements Translator<Prompt, Answer> {
  private static final String ANSWERS = "answers";

  private final Object turn;
  private final Batch answers;

  /** Answers a batch. */
  @FunctionalInterface
  interface Batch {
    List<Answer> of(List<Prompt> prompts);
  }

  /**
   * @param turn which predictors of one model take
   */
  AnswerTranslator(Object turn, Batch answers) {
    this.turn = turn;
    this.answers = answers;
  }

  /** Anything but null: DJL then hands over whole batches, and arrays are never stacked here. */
  @Override
  public Batchifier getBatchifier() {
    return Batchifier.STACK;
  }

  @Override
  public NDList batchProcessInput(TranslatorContext context, List<Prompt> prompts) {
    synchronized (turn) {
      context.setAttachment(ANSWERS, answers.of(prompts));
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
