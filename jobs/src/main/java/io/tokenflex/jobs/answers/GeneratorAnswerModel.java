package io.tokenflex.jobs.answers;

import ai.djl.Device;
import io.tokenflex.distributed.Precision;
import io.tokenflex.generate.Answer;
import io.tokenflex.generate.Prompt;
import io.tokenflex.generate.TextGenerator;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** The trained model: greedy decoding with {@link TextGenerator}. */
public final class GeneratorAnswerModel implements AnswerModel {
  private final TextGenerator generator;

  private GeneratorAnswerModel(TextGenerator generator) {
    this.generator = generator;
  }

  /** Loads model folders to compute in a precision. */
  public static AnswerModel.Loader loader(Precision precision) {
    return new PrecisionLoader(precision);
  }

  private record PrecisionLoader(Precision precision) implements AnswerModel.Loader {
    @Override
    public AnswerModel load(Path modelFolder, Device device) throws IOException {
      return new GeneratorAnswerModel(TextGenerator.load(modelFolder, device, precision));
    }

    @Override
    public boolean needsBf16() {
      return precision == Precision.BF16;
    }

    @Override
    public String variant() {
      return precision.name();
    }
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
    return generator.generate(prompts, numVisionTokens, maxNewTokens);
  }
}
