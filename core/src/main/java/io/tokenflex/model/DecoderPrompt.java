package io.tokenflex.model;

import ai.djl.ndarray.NDArray;
import io.tokenflex.failure.InvalidInputException;
import java.util.List;
import java.util.Locale;

/**
 * A prompt as the decoder takes it.
 *
 * @param ids token ids, a placeholder at every vision token
 * @param visionPositions where those placeholders are, ascending
 * @param vision vision tokens of the images in order, each of shape (I, V, D) with I tiles; only
 *     read
 */
@SuppressWarnings("ArrayRecordComponent") // passed straight to the device, never compared
public record DecoderPrompt(long[] ids, long[] visionPositions, List<NDArray> vision) {
  public DecoderPrompt {
    vision = List.copyOf(vision);
    long rows = vision.stream().mapToLong(v -> v.getShape().get(0) * v.getShape().get(1)).sum();
    if (ids.length == 0 || rows != visionPositions.length) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "A prompt of %d token ids has %d placeholders but %d vision tokens",
              ids.length,
              visionPositions.length,
              rows));
    }
  }
}
