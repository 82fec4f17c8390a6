package io.tokenflex.jobs.answers;

import ai.djl.Device;
import io.tokenflex.generate.Answer;
import io.tokenflex.generate.Prompt;
import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Path;
import java.util.List;

/** A model that answers prompts. Called by one thread at a time. */
public interface AnswerModel extends AutoCloseable {

  /**
   * Answers all prompts as one batch, in their order, each image as that many vision tokens; {@link
   * Slice#AUTO} for a number that the model chooses.
   *
   * @throws io.tokenflex.failure.InvalidInputException if one of them cannot be asked: a picture
   *     that cannot be decoded, a prompt that is too long for the model
   */
  List<Answer> answer(List<Prompt> prompts, int numVisionTokens, int maxNewTokens);

  /**
   * Seconds that answers to these prompts take less because the model still has what it made of
   * their pictures.
   */
  default double secondsSpared(List<Prompt> prompts) {
    return 0;
  }

  /** What it computes in, for instance {@code fp32}: answers may depend on it. */
  String precision();

  /** Frees what the model holds. */
  @Override
  void close();

  /** Makes the model from a model folder on the executor's disk, on the device of its task. */
  @FunctionalInterface
  interface Loader extends Serializable {
    AnswerModel load(Path modelFolder, Device device) throws IOException;

    /** Whether a GPU has to multiply bf16 itself for it. */
    default boolean needsBf16() {
      return false;
    }

    /** Differs between loaders that make different models of one folder. */
    default String variant() {
      return "";
    }
  }
}
