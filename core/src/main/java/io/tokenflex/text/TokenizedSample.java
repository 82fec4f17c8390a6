package io.tokenflex.text;

import io.tokenflex.batches.PixelTransform;
import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.samples.EncodedImage;
import io.tokenflex.tokens.VisionTokenCount;
import java.util.List;
import java.util.Locale;
import java.util.function.ToIntFunction;

/**
 * A tokenized conversation, before the number of vision tokens is known: each image is one
 * placeholder.
 *
 * @param ids token ids with one placeholder per image
 * @param supervised for each token, whether it is a target of the loss
 */
@SuppressWarnings("ArrayRecordComponent") // passed on, never compared
public record TokenizedSample(
    String sampleId, long[] ids, boolean[] supervised, List<EncodedImage> images) {
  public TokenizedSample {
    images = List.copyOf(images);
    if (ids.length != supervised.length) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "Sample %s: %d ids but %d flags",
              sampleId,
              ids.length,
              supervised.length));
    }
  }

  /**
   * Length in tokens when each tile of each image becomes {@code count} vision tokens.
   *
   * @param numTiles number of tiles of an image, see {@link PixelTransform#numTiles}
   */
  public int lengthAt(VisionTokenCount count, ToIntFunction<EncodedImage> numTiles) {
    int totalTiles = images.stream().mapToInt(numTiles).sum();
    return ids.length - images.size() + totalTiles * count.numVisionTokens();
  }
}
