package io.tokenflex.generate;

import io.tokenflex.failure.Expect;
import io.tokenflex.failure.InvalidInputException;
import java.io.Serializable;
import java.util.List;
import java.util.Locale;

/**
 * How tokens are chosen and when an answer ends, in the terms of transformers' {@code
 * GenerationConfig}.
 *
 * @param maxNewTokens longest answer in tokens
 * @param temperature divides the logits before a token is drawn; 0 takes the likeliest token
 * @param topP draws from the smallest set of likeliest tokens whose probabilities reach this sum; 1
 *     for all tokens
 * @param seed of the draws. A draw depends on it, the prompt and the position in the answer alone
 * @param repetitionPenalty divides positive logits of tokens of prompt and answer and multiplies
 *     negative ones; 1 for none
 * @param noRepeatNgramSize no sequence of so many tokens occurs twice in prompt and answer; 0 for
 *     no such limit
 * @param stopStrings an answer ends before the first of them
 */
public record GenerationConfig(
    int maxNewTokens,
    double temperature,
    double topP,
    long seed,
    double repetitionPenalty,
    int noRepeatNgramSize,
    List<String> stopStrings)
    implements Serializable {
  public GenerationConfig {
    Expect.atLeastOne("maxNewTokens", maxNewTokens);
    if (!(temperature >= 0) || Double.isInfinite(temperature)) {
      throw refused("temperature", temperature, "0 (the likeliest token) or more");
    }
    if (!(topP > 0 && topP <= 1)) {
      throw refused("topP", topP, "above 0 and at most 1 (all tokens)");
    }
    if (!(repetitionPenalty > 0) || Double.isInfinite(repetitionPenalty)) {
      throw refused("repetitionPenalty", repetitionPenalty, "above 0; 1 is none");
    }
    if (noRepeatNgramSize < 0) {
      throw refused("noRepeatNgramSize", noRepeatNgramSize, "0 (no limit) or more");
    }
    stopStrings = List.copyOf(stopStrings);
    if (stopStrings.contains("")) {
      throw new InvalidInputException(
          "stopStrings has an empty text, which would end every answer at its start; leave it out");
    }
  }

  private static InvalidInputException refused(String name, Number value, String expected) {
    return new InvalidInputException(
        String.format(Locale.ROOT, "%s is %s; it must be %s", name, value, expected));
  }

  /** Takes the likeliest token until the model ends the answer. */
  public static GenerationConfig greedy(int maxNewTokens) {
    return new GenerationConfig(maxNewTokens, 0, 1, 0, 1, 0, List.of());
  }

  /** As this one, but draws tokens. */
  public GenerationConfig withSampling(double newTemperature, double newTopP, long newSeed) {
    return new GenerationConfig(
        maxNewTokens,
        newTemperature,
        newTopP,
        newSeed,
        repetitionPenalty,
        noRepeatNgramSize,
        stopStrings);
  }

  /** As this one, with other limits of repetition. */
  public GenerationConfig withRepetitionLimits(double newPenalty, int newNoRepeatNgramSize) {
    return new GenerationConfig(
        maxNewTokens, temperature, topP, seed, newPenalty, newNoRepeatNgramSize, stopStrings);
  }

  /** As this one, with other stop strings. */
  public GenerationConfig withStopStrings(List<String> newStopStrings) {
    return new GenerationConfig(
        maxNewTokens,
        temperature,
        topP,
        seed,
        repetitionPenalty,
        noRepeatNgramSize,
        newStopStrings);
  }

  /** Whether the next token is the argmax of the model's own logits. */
  boolean takesLikeliest() {
    return temperature == 0 && repetitionPenalty == 1 && noRepeatNgramSize == 0;
  }
}
