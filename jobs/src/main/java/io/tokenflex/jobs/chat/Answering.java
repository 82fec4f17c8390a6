package io.tokenflex.jobs.chat;

import io.tokenflex.adaptive.AdaptiveGenerator;
import io.tokenflex.adaptive.AdaptiveGenerator.Started;
import io.tokenflex.adaptive.Calibration;
import io.tokenflex.generate.Answer;
import io.tokenflex.generate.AnswerStream;
import io.tokenflex.generate.GenerationConfig;
import io.tokenflex.generate.Prompt;
import io.tokenflex.generate.TextGenerator;
import java.util.Optional;

/** How a turn is answered: at a number of vision tokens that is told or chosen. */
public final class Answering {
  private final TextGenerator generator;
  private final Optional<AdaptiveGenerator> adaptive;
  private final int numVisionTokens;

  private Answering(
      TextGenerator generator, Optional<AdaptiveGenerator> adaptive, int numVisionTokens) {
    this.generator = generator;
    this.adaptive = adaptive;
    this.numVisionTokens = numVisionTokens;
  }

  /** Always at the same number. The caller closes the generator. */
  public static Answering at(TextGenerator generator, int numVisionTokens) {
    return new Answering(generator, Optional.empty(), numVisionTokens);
  }

  /** At a number that a calibration chooses for each turn. The caller closes the generator. */
  public static Answering auto(TextGenerator generator, Calibration calibration) {
    return new Answering(
        generator,
        Optional.of(new AdaptiveGenerator(generator, calibration)),
        /* numVisionTokens= */ 0);
  }

  /** The number in words. */
  String numberInWords() {
    return adaptive.isPresent()
        ? "a number of vision tokens chosen for each turn"
        : numVisionTokens + " vision tokens";
  }

  Started start(Prompt prompt, GenerationConfig config) {
    return adaptive
        .map(chooses -> chooses.start(prompt, config))
        .orElseGet(() -> new Started(numVisionTokens, 0, Optional.<Answer>empty()));
  }

  AnswerStream stream(Prompt prompt, int count, GenerationConfig config) {
    return generator.stream(prompt, count, config);
  }

  boolean isAuto() {
    return adaptive.isPresent();
  }
}
