package io.tokenflex.jobs.evaluate;

import ai.djl.Device;
import io.tokenflex.distributed.Precision;
import io.tokenflex.generate.Answer;
import io.tokenflex.generate.Prompt;
import io.tokenflex.generate.TextGenerator;
import io.tokenflex.jobs.answers.AnswerModel;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;

/**
 * Answers every prompt with its pooled features, so that they come as answers do: in slices, once.
 */
final class FeatureModel implements AnswerModel {
  private final TextGenerator generator;

  private FeatureModel(TextGenerator generator) {
    this.generator = generator;
  }

  /** Loads model folders to compute in a precision. */
  static AnswerModel.Loader loader(Precision precision) {
    return new Loading(precision);
  }

  private record Loading(Precision precision) implements AnswerModel.Loader {
    @Override
    public AnswerModel load(Path modelFolder, Device device) throws IOException {
      return new FeatureModel(TextGenerator.load(modelFolder, device, precision));
    }

    @Override
    public boolean needsBf16() {
      return precision == Precision.BF16;
    }

    @Override
    public String variant() {
      return precision + " pooled features";
    }
  }

  @Override
  public List<Answer> answer(List<Prompt> prompts, int numVisionTokens, int maxNewTokens) {
    return prompts.stream()
        .map(prompt -> new Answer(text(generator.pooledFeatures(prompt)), 0))
        .toList();
  }

  /** Features as an answer's text: base64 of big-endian floats. */
  static String text(float[] features) {
    ByteBuffer bytes = ByteBuffer.allocate(Float.BYTES * features.length);
    bytes.asFloatBuffer().put(features);
    return Base64.getEncoder().encodeToString(bytes.array());
  }

  /** The features in an answer's text. */
  static List<Float> features(String text) {
    ByteBuffer bytes = ByteBuffer.wrap(Base64.getDecoder().decode(text));
    List<Float> features = new ArrayList<>();
    while (bytes.hasRemaining()) {
      features.add(bytes.getFloat());
    }
    return features;
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
}
