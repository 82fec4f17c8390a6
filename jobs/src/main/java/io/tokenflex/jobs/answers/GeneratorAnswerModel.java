package io.tokenflex.jobs.answers;

import ai.djl.Device;
import io.tokenflex.adaptive.AdaptiveGenerator;
import io.tokenflex.adaptive.Calibration;
import io.tokenflex.distributed.Precision;
import io.tokenflex.generate.Answer;
import io.tokenflex.generate.GenerationConfig;
import io.tokenflex.generate.Prompt;
import io.tokenflex.generate.TextGenerator;
import io.tokenflex.generate.TokenListener;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The trained model: decoding with {@link TextGenerator}, greedy or as a configuration says. */
public final class GeneratorAnswerModel implements AnswerModel {
  private final TextGenerator generator;
  private final Optional<GenerationConfig> config;
  private final Optional<AdaptiveGenerator> adaptive;

  private GeneratorAnswerModel(
      TextGenerator generator,
      Optional<GenerationConfig> config,
      Optional<Calibration> calibration) {
    this.generator = generator;
    this.config = config;
    this.adaptive = calibration.map(chooses -> new AdaptiveGenerator(generator, chooses));
  }

  /** Loads model folders that answer greedily in a precision. */
  public static AnswerModel.Loader loader(Precision precision) {
    return new PrecisionLoader(precision, null, null);
  }

  /** Loads model folders that choose tokens as a configuration says. */
  public static AnswerModel.Loader loader(Precision precision, GenerationConfig config) {
    return new PrecisionLoader(precision, config, null);
  }

  /** Loads model folders that answer greedily and choose the number of vision tokens. */
  public static AnswerModel.Loader adaptiveLoader(Precision precision, Calibration calibration) {
    return new PrecisionLoader(
        precision, null, new String(calibration.toJson(), StandardCharsets.UTF_8));
  }

  /**
   * As the loader with a configuration, for models that choose the number of vision tokens.
   *
   * @param config decides on the longest answer too
   */
  public static AnswerModel.Loader adaptiveLoader(
      Precision precision, GenerationConfig config, Calibration calibration) {
    String json = new String(calibration.toJson(), StandardCharsets.UTF_8);
    return new PrecisionLoader(precision, config, json);
  }

  /**
   * @param config null for greedy
   * @param calibration its file's content, null for numbers of vision tokens that are told
   */
  private record PrecisionLoader(Precision precision, GenerationConfig config, String calibration)
      implements AnswerModel.Loader {
    @Override
    public AnswerModel load(Path modelFolder, Device device) throws IOException {
      return new GeneratorAnswerModel(
          TextGenerator.load(modelFolder, device, precision),
          Optional.ofNullable(config),
          calibration == null ? Optional.empty() : Optional.of(chooser()));
    }

    @Override
    public boolean needsBf16() {
      return precision == Precision.BF16;
    }

    @Override
    public String variant() {
      String plain = config == null ? precision.name() : precision + " " + config;
      return calibration == null ? plain : plain + " auto " + chooser().digest();
    }

    private Calibration chooser() {
      try {
        return Calibration.read(
            calibration.getBytes(StandardCharsets.UTF_8), "the calibration of this job");
      } catch (IOException e) {
        throw new IllegalStateException("it was a calibration when it was sent", e);
      }
    }
  }

  @Override
  public double secondsSpared(List<Prompt> prompts) {
    return generator.secondsSpared(prompts);
  }

  @Override
  public String precision() {
    return generator.computeType().name().toLowerCase(Locale.ROOT);
  }

  @Override
  public void close() {
    generator.close();
  }

  @Override
  public List<Answer> answer(List<Prompt> prompts, int numVisionTokens, int maxNewTokens) {
    GenerationConfig chosen = config.orElseGet(() -> GenerationConfig.greedy(maxNewTokens));
    return numVisionTokens == Slice.AUTO
        ? adaptive.orElseThrow().generate(prompts, chosen)
        : generator.generate(prompts, numVisionTokens, chosen, TokenListener.NONE);
  }
}
