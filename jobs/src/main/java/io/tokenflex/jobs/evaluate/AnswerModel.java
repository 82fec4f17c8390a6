package io.tokenflex.jobs.evaluate;

import ai.djl.Device;
import io.tokenflex.generate.Answer;
import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Path;
import java.util.List;

/** A model that answers questions about pictures. Called by one thread at a time. */
public interface AnswerModel extends AutoCloseable {

  /** Answers all questions as one batch, in their order, each image as that many vision tokens. */
  List<Answer> answer(List<Question> questions, int numVisionTokens, int maxNewTokens);

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
