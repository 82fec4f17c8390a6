package io.tokenflex.predictor;

import ai.djl.repository.zoo.Criteria;
import io.tokenflex.generate.Answer;
import io.tokenflex.generate.AnswerStream;
import io.tokenflex.generate.Prompt;
import java.nio.file.Path;

/**
 * DJL criteria of a model folder or checkpoint. Their arguments ({@code optArgument}) are those of
 * {@link VisionTranslatorFactory}.
 */
public final class VisionCriteria {
  private VisionCriteria() {}

  /** A model that answers prompts, also in batches ({@code Predictor.batchPredict}). */
  public static Criteria.Builder<Prompt, Answer> answers(Path modelFolder) {
    return criteria(modelFolder, Answer.class);
  }

  /**
   * A model that answers in pieces ({@code Predictor.streamingPredict}, then {@code
   * getIterativeOutput}).
   */
  public static Criteria.Builder<Prompt, AnswerStream> streams(Path modelFolder) {
    return criteria(modelFolder, AnswerStream.class);
  }

  private static <O> Criteria.Builder<Prompt, O> criteria(Path modelFolder, Class<O> output) {
    return Criteria.builder()
        .setTypes(Prompt.class, output)
        .optEngine("PyTorch")
        .optModelPath(modelFolder)
        .optBlock(new GeneratorBlock())
        .optOption("hasParameter", "false") // the translator loads the weights
        .optTranslatorFactory(new VisionTranslatorFactory());
  }
}
