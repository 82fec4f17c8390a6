package io.tokenflex.convert;

import io.tokenflex.failure.InvalidInputException;
import java.util.Arrays;
import java.util.Locale;

/**
 * Appends rows to an embedding table or LM head for added tokens.
 *
 * <p>Published tables may have more rows than the tokenizer has tokens (Qwen's do); an added token
 * whose id is below the number of rows needs no new row.
 */
public final class TokenRows {
  private TokenRows() {}

  /**
   * Appends rows, each the mean of all existing rows, so that a new token starts with average
   * probability (Hewitt 2021, "Initializing New Word Embeddings for Pretrained Language Models").
   * An untied LM head is extended in the same way.
   *
   * @param rows_VD V x D values, row-major; V is the vocabulary here
   * @param hiddenSize D
   * @param vocabSize number of rows of the result
   * @return {@code vocabSize} x D values, the first V x D bit-equal to {@code rows_VD}
   * @throws IllegalArgumentException if the length is not a multiple of D or the table would shrink
   */
  public static float[] extendedTo(int vocabSize, float[] rows_VD, int hiddenSize) {
    int oldSize = rows_VD.length / hiddenSize;
    if (oldSize == 0 || oldSize * hiddenSize != rows_VD.length) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "%d values are no rows of %d; expected a multiple: give the table's hiddenSize",
              rows_VD.length,
              hiddenSize));
    }
    if (vocabSize < oldSize) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "vocabSize is %d but the table has %d rows; keep at least those, ids may lie below",
              vocabSize,
              oldSize));
    }
    float[] extended = Arrays.copyOf(rows_VD, Math.multiplyExact(vocabSize, hiddenSize));
    float[] mean = mean(rows_VD, hiddenSize);
    for (int row = oldSize; row < vocabSize; row++) {
      System.arraycopy(mean, 0, extended, row * hiddenSize, hiddenSize);
    }
    return extended;
  }

  private static float[] mean(float[] rows_VD, int hiddenSize) {
    double[] sums = new double[hiddenSize];
    for (int i = 0; i < rows_VD.length; i++) {
      sums[i % hiddenSize] += rows_VD[i];
    }
    int numRows = rows_VD.length / hiddenSize;
    float[] mean = new float[hiddenSize];
    for (int column = 0; column < hiddenSize; column++) {
      mean[column] = (float) (sums[column] / numRows);
    }
    return mean;
  }
}
