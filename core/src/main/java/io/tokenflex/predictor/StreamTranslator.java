package io.tokenflex.predictor;

import ai.djl.inference.streaming.StreamingTranslator;
import ai.djl.ndarray.NDList;
import ai.djl.translate.Batchifier;
import ai.djl.translate.TranslatorContext;
import io.tokenflex.generate.AnswerStream;
import io.tokenflex.generate.Prompt;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Answers one prompt in pieces. The caller closes the answer before it asks for the next; answers
 * of one model are read by one thread.
 */
final class StreamTranslator implements StreamingTranslator<Prompt, AnswerStream> {
  private static final String STREAM = "stream";

  private final Function<Prompt, AnswerStream> answer;

  StreamTranslator(Function<Prompt, AnswerStream> answer) {
    this.answer = answer;
  }

  @Override
  public Batchifier getBatchifier() {
    return null;
  }

  @Override
  public Support getSupport() {
    return Support.ITERATIVE;
  }

  @Override
  public NDList processInput(TranslatorContext context, Prompt prompt) {
    context.setAttachment(STREAM, answer.apply(prompt));
    return new NDList();
  }

  @Override
  public AnswerStream processOutput(TranslatorContext context, NDList outputs) {
    return (AnswerStream) context.getAttachment(STREAM);
  }

  @Override
  public StreamOutput<AnswerStream> processStreamOutput(
      TranslatorContext context, Stream<NDList> outputs) {
    AnswerStream pieces = processOutput(context, new NDList());
    return new StreamOutput<>() {
      @Override
      public AnswerStream getIterativeOutputInternal() {
        return pieces;
      }

      @Override
      protected AnswerStream buildAsyncOutput() {
        throw new UnsupportedOperationException("Take getIterativeOutput()");
      }

      @Override
      protected void computeAsyncOutputInternal(AnswerStream output) {
        throw new UnsupportedOperationException("Take getIterativeOutput()");
      }
    };
  }
}
