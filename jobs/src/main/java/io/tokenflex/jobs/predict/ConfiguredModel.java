package io.tokenflex.jobs.predict;

import ai.djl.Device;
import io.tokenflex.distributed.Precision;
import io.tokenflex.generate.Answer;
import io.tokenflex.generate.GenerationConfig;
import io.tokenflex.generate.Prompt;
import io.tokenflex.generate.TextGenerator;
import io.tokenflex.generate.TokenListener;
import io.tokenflex.jobs.answers.AnswerModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** A trained model that chooses tokens as a configuration says. */
final class ConfiguredModel implements AnswerModel {
  private final TextGenerator generator;
  private final GenerationConfig config;

  private ConfiguredModel(TextGenerator generator, GenerationConfig config) {
    this.generator = generator;
    this.config = config;
  }

  /** Loads model folders; answers of other configurations are kept apart. */
  record Loader(Precision precision, GenerationConfig config) implements AnswerModel.Loader {
    @Override
    public AnswerModel load(Path modelFolder, Device device) throws IOException {
      return new ConfiguredModel(TextGenerator.load(modelFolder, device, precision), config);
    }

    @Override
    public boolean needsBf16() {
      return precision == Precision.BF16;
    }

    @Override
    public String variant() {
      return precision + " " + config;
    }
  }

  @Override
  public List<Answer> answer(List<Prompt> prompts, int numVisionTokens, int maxNewTokens) {
    return generator.generate(prompts, numVisionTokens, config, TokenListener.NONE);
  }

  @Override
  public String precision() {
    return generator.computeType().name().toLowerCase(Locale.ROOT);
  }

  @Override
  public void close() {
    generator.close();
  }
}
