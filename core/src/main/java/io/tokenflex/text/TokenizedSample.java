package io.tokenflex.text;

import io.tokenflex.batches.PixelTransform;
import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.samples.EncodedImage;
import io.tokenflex.tokens.VisionTokenCount;
import java.util.List;
import java.util.Locale;
import java.util.function.ToIntFunction;

/**
 * A conversation as token ids, before the number of vision tokens is known: every image is a single
 * placeholder.
 *
 * @param ids token ids with one image token per image
 * @param supervised whether the token at that place is a target of the loss
 */
@SuppressWarnings("ArrayRecordComponent") // handed on, never compared
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
   * Tokens once every tile of every image has become {@code count} vision tokens.
   *
   * @param numTiles of an image, as {@link PixelTransform#numTiles} tells
   */
  public int lengthAt(VisionTokenCount count, ToIntFunction<EncodedImage> numTiles) {
    int totalTiles = images.stream().mapToInt(numTiles).sum();
    return ids.length - images.size() + totalTiles * count.numVisionTokens();
  }
}
