package io.tokenflex.generate;

import io.tokenflex.generate.Answer.Confidence;
import io.tokenflex.generate.Answer.Cost;
import io.tokenflex.random.SeededHash;
import io.tokenflex.text.Tokenizer;
import java.util.Arrays;

/** One answer while its tokens are generated. */
final class AnswerInProgress {
  private final GenerationConfig config;
  private final int prompt;
  private final Cost cost;
  private final SeededHash draws;
  private final AnswerText text;
  private long[] ids;
  private int numIds;
  private int numNewTokens;
  private double sumLogProbability;
  private double minLogProbability;
  private double firstTokenMargin;
  private FinishReason finish;

  /**
   * Starts an answer.
   *
   * @param prompt index in the batch
   * @param identity of the prompt
   * @param promptIds as the decoder gets them
   * @param cost of the prompt
   */
  AnswerInProgress(
      GenerationConfig config,
      int prompt,
      long identity,
      long[] promptIds,
      Cost cost,
      Tokenizer tokenizer) {
    this.config = config;
    this.prompt = prompt;
    this.cost = cost;
    this.draws = SeededHash.of(config.seed(), "generate").with(identity);
    this.text = new AnswerText(tokenizer, config.stopStrings());
    this.ids = Arrays.copyOf(promptIds, promptIds.length + Math.min(config.maxNewTokens(), 256));
    this.numIds = promptIds.length;
  }

  /** Chooses the next token. */
  long choose(float[] logits) {
    RepetitionLimits.apply(config, logits, Arrays.copyOf(ids, numIds));
    if (config.temperature() == 0) {
      return Sampler.likeliest(logits);
    }
    double[] probabilities = Sampler.probabilities(logits, config.temperature(), config.topP());
    return Sampler.draw(probabilities, draws.with(numNewTokens).toUnitInterval());
  }

  /** Notes how sure the model is of its first token. */
  void startWith(double margin) {
    firstTokenMargin = margin;
  }

  /**
   * Adds a token.
   *
   * @param logProbability by the model's own distribution
   * @param ends whether the token ends an answer
   * @param isText whether the token is part of the text
   * @param isContextFull whether no position is left for another one
   */
  void add(long id, double logProbability, boolean ends, boolean isText, boolean isContextFull) {
    if (numIds == ids.length) {
      ids = Arrays.copyOf(ids, 2 * numIds);
    }
    ids[numIds++] = id;
    numNewTokens++;
    sumLogProbability += logProbability;
    minLogProbability = Math.min(minLogProbability, logProbability);
    if (isText) {
      text.add(id);
    }
    if (text.isStopped()) {
      finish = FinishReason.STOP_STRING;
    } else if (ends) {
      finish = FinishReason.END_TOKEN;
    } else if (numNewTokens == config.maxNewTokens()) {
      finish = FinishReason.MAX_NEW_TOKENS;
    } else if (isContextFull) {
      finish = FinishReason.CONTEXT_FULL;
    }
  }

  /** Tells the listener of the newest token. */
  void tell(TokenListener listener) {
    listener.onToken(prompt, ids[numIds - 1], isFinished() ? text.rest() : text.settled());
  }

  boolean isFinished() {
    return finish != null;
  }

  int prompt() {
    return prompt;
  }

  int numNewTokens() {
    return numNewTokens;
  }

  Answer answer() {
    return new Answer(
        text.text(),
        numNewTokens,
        finish,
        new Confidence(sumLogProbability / numNewTokens, minLogProbability, firstTokenMargin),
        cost);
  }
}
