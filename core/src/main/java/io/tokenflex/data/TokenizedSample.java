package io.tokenflex.data;

import io.tokenflex.tokens.VisionTokenCount;
import java.util.List;

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
      throw new IllegalArgumentException(
          "Sample %s: %d ids but %d flags".formatted(sampleId, ids.length, supervised.length));
    }
  }

  /** Tokens once every image has become {@code count} vision tokens. */
  public int lengthAt(VisionTokenCount count) {
    return ids.length + images.size() * (count.numVisionTokens() - 1);
  }
}
