package io.tokenflex.dataprep.dedup;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Buckets in which near looks meet. With one band of bits more than the distance, two hashes within
 * the distance agree in at least one whole band. The first image decides: if all images are near,
 * the first ones are.
 *
 * <p>Bands take every n-th bit, because neighbouring bits are neighbouring frequencies and alike.
 */
final class Bands {
  private final long[] masks;

  private Bands(long[] masks) {
    this.masks = masks;
  }

  /** Bands for hashes within {@code distance} bits. */
  static Bands within(int distance) {
    return dividing(-1L, distance + 1);
  }

  private static Bands dividing(long bits, int count) {
    long[] masks = new long[count];
    int next = 0;
    for (int bit = 0; bit < Long.SIZE; bit++) {
      if ((bits >>> bit & 1) != 0) {
        masks[next++ % count] |= 1L << bit;
      }
    }
    return new Bands(masks);
  }

  /** The buckets of a look, one for each band. */
  List<String> buckets(Look look) {
    List<String> buckets = new ArrayList<>(masks.length);
    for (int band = 0; band < masks.length; band++) {
      buckets.add(bucket(look, Integer.toString(band), masks[band]));
    }
    return buckets;
  }

  /**
   * The buckets of a look where crowded ones are divided: two looks in one bucket agree in its bits
   * and differ in the other ones within the distance, so those are cut into as many bands again.
   */
  List<String> buckets(Look look, Set<String> crowded) {
    List<String> buckets = new ArrayList<>(masks.length);
    for (int band = 0; band < masks.length; band++) {
      String bucket = bucket(look, Integer.toString(band), masks[band]);
      if (!crowded.contains(bucket)) {
        buckets.add(bucket);
        continue;
      }
      long[] inner = dividing(~masks[band], masks.length).masks;
      for (int part = 0; part < inner.length; part++) {
        buckets.add(bucket(look, band + "." + part, masks[band] | inner[part]));
      }
    }
    return buckets;
  }

  private static String bucket(Look look, String band, long mask) {
    List<Long> hashes = look.hashes();
    String bits = Long.toHexString(hashes.get(0) & mask);
    return band + ":" + hashes.size() + ":" + bits + "|" + look.conversation();
  }
}
