package io.tokenflex.predictor;

import ai.djl.inference.streaming.StreamingTranslator;
import ai.djl.ndarray.NDList;
import ai.djl.translate.Batchifier;
import ai.djl.translate.TranslatorContext;
import io.tokenflex.generate.AnswerStream;
import io.tokenflex.generate.GenerationConfig;
import io.tokenflex.generate.Prompt;
import io.tokenflex.generate.TextGenerator;
import java.util.stream.Stream;

/**
 * Answers one prompt in pieces. The caller closes the answer before it asks for the next; answers
 * of one model are read by one thread.
 */
final class StreamTranslator implements StreamingTranslator<Prompt, AnswerStream> {
  private static final String STREAM = "stream";

  private final TextGenerator generator;
  private final int numVisionTokens;
  private final GenerationConfig config;

  StreamTranslator(TextGenerator generator, int numVisionTokens, GenerationConfig config) {
    this.generator = generator;
    this.numVisionTokens = numVisionTokens;
    this.config = config;
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
    context.setAttachment(STREAM, generator.stream(prompt, numVisionTokens, config));
    return new NDList();
  }

  @Override
  public AnswerStream processOutput(TranslatorContext context, NDList outputs) {
    return (AnswerStream) context.getAttachment(STREAM);
  }

  @Override
  public StreamOutput<AnswerStream> processStreamOutput(
      TranslatorContext context, Stream<NDList> outputs) {
    AnswerStream answer = processOutput(context, new NDList());
    return new StreamOutput<>() {
      @Override
      public AnswerStream getIterativeOutputInternal() {
        return answer;
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
