package io.tokenflex.generate;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.tokenflex.batches.Collator;
import io.tokenflex.model.TokenFlexModel;
import io.tokenflex.samples.EncodedImage;
import io.tokenflex.text.TokenizedSample;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * Features that the vision tower made of images, by the images' digests: prompts about one image,
 * and other numbers of vision tokens, share them. The least recently used go first.
 *
 * <p>The tower runs over one image, with its tiles, at a time, so that features depend on nothing
 * but the image.
 */
final class VisionFeatures {
  private final TokenFlexModel model;
  private final Collator collator;
  private final NDManager manager;
  private final long maxBytes;
  private final Map<String, Made> kept = new LinkedHashMap<>(16, 0.75f, true);
  private long bytes;
  private long numEncoded;

  /** Features and what decoding the image and the tower took. */
  private record Made(NDArray features, double seconds) {}

  /**
   * Creates an empty store.
   *
   * @param maxBytes of features that are kept; those of one image stay however large they are
   */
  VisionFeatures(TokenFlexModel model, Collator collator, NDManager manager, long maxBytes) {
    this.model = model;
    this.collator = collator;
    this.manager = manager;
    this.maxBytes = maxBytes;
  }

  /**
   * Features_IPD of an image; valid until the next call.
   *
   * @param sample for messages
   */
  NDArray of(TokenizedSample sample, EncodedImage image) {
    Made known = kept.get(image.sha256());
    if (known != null) {
      return known.features();
    }
    Made made = make(sample, image);
    numEncoded++;
    kept.put(image.sha256(), made);
    bytes += sizeOf(made.features());
    Iterator<Made> oldest = kept.values().iterator();
    while (bytes > maxBytes && kept.size() > 1) {
      NDArray old = oldest.next().features();
      oldest.remove();
      bytes -= sizeOf(old);
      old.close();
    }
    return made.features();
  }

  private Made make(TokenizedSample sample, EncodedImage image) {
    long start = System.nanoTime();
    NDArray made =
        model.encodeImages(manager, collator.pixels(sample, image), collator.numTiles(image));
    if (made.getDevice().isGpu()) {
      made.getFloat(0, 0, 0); // the host waits for the device, so that the time is all of it
    }
    return new Made(made, (System.nanoTime() - start) / 1e9);
  }

  /** What making the features of images took, of those that are kept, in seconds. */
  double secondsSpared(Collection<EncodedImage> images) {
    return images.stream()
        .map(EncodedImage::sha256)
        .distinct()
        .map(kept::get)
        .filter(Objects::nonNull)
        .mapToDouble(Made::seconds)
        .sum();
  }

  /** How many images the tower has seen so far. */
  long numEncoded() {
    return numEncoded;
  }

  private static long sizeOf(NDArray array) {
    return array.size() * Float.BYTES;
  }
}
