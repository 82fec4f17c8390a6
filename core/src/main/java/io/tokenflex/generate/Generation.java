package io.tokenflex.generate;

import io.tokenflex.failure.DamagedDataException;
import io.tokenflex.kernels.HostMemory;
import io.tokenflex.model.DecodingState;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/** A batch of answers while they are generated, one token of each a step. */
final class Generation implements AutoCloseable {
  private final TextGenerator generator;
  private final DecodingState state;
  private final List<AnswerInProgress> all;
  private final GenerationConfig config;
  private final TokenListener listener;
  private List<AnswerInProgress> going;

  /**
   * Takes over a state whose prompts have been run.
   *
   * @param answers one for each prompt
   */
  Generation(
      TextGenerator generator,
      DecodingState state,
      List<AnswerInProgress> answers,
      GenerationConfig config,
      TokenListener listener) {
    this.generator = generator;
    this.state = state;
    this.all = List.copyOf(answers);
    this.config = config;
    this.listener = listener;
    this.going = all;
    float[] margins = state.margins();
    for (int i = 0; i < margins.length; i++) {
      going.get(i).startWith(margins[i]);
    }
  }

  boolean isFinished() {
    return going.isEmpty();
  }

  /**
   * Generates the next token of every answer that is not finished.
   *
   * @throws UncheckedIOException if logits are not finite
   */
  void step() {
    checkFinite(state.finite());
    long[] next = config.takesLikeliest() ? state.mostLikely() : choose();
    float[] logProbabilities = state.logProbabilities(next);
    for (int i = 0; i < next.length; i++) {
      AnswerInProgress answer = going.get(i);
      boolean isFull = state.length(i) == generator.maxPositions();
      boolean ends = generator.endsAnswer(next[i]);
      answer.add(next[i], logProbabilities[i], ends, generator.isText(next[i]), isFull);
      if (listener != TokenListener.NONE) {
        answer.tell(listener);
      }
    }
    List<AnswerInProgress> before = going;
    int[] open = IntStream.range(0, next.length).filter(i -> !before.get(i).isFinished()).toArray();
    going = IntStream.of(open).mapToObj(before::get).toList();
    if (open.length > 0) {
      state.keep(open);
      state.append(IntStream.of(open).mapToLong(i -> next[i]).toArray());
    }
  }

  private long[] choose() {
    float[] logits_BV = HostMemory.floats(state.logits());
    int vocabSize = logits_BV.length / going.size();
    long[] next = new long[going.size()];
    for (int i = 0; i < next.length; i++) {
      int start = i * vocabSize;
      next[i] = going.get(i).choose(Arrays.copyOfRange(logits_BV, start, start + vocabSize));
    }
    return next;
  }

  private void checkFinite(boolean[] finite) {
    for (int i = 0; i < finite.length; i++) {
      if (!finite[i]) {
        throw new UncheckedIOException(
            new DamagedDataException(
                String.format(
                    Locale.ROOT,
                    "%s: the logits after %d new tokens of prompt %d are no finite numbers, computed in %s; "
                        + "the training that wrote the model diverged or its weights exceed the range of %s: "
                        + "take an earlier checkpoint or compute in fp32",
                    generator.modelFolder(),
                    going.get(i).numNewTokens(),
                    going.get(i).prompt(),
                    generator.computeType(),
                    generator.computeType())));
      }
    }
  }

  /** The finished answers, in the order of the prompts. */
  List<Answer> answers() {
    return all.stream().map(AnswerInProgress::answer).toList();
  }

  @Override
  public void close() {
    state.close();
  }
}
