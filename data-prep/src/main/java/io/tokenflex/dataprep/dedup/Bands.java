package io.tokenflex.dataprep.dedup;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Banding of perceptual hashes for candidate search. With one band more than the maximum distance,
 * two hashes within that distance agree in at least one band (pigeonhole principle). Only the first
 * image of a sample is banded: if all images are near, the first ones are.
 *
 * <p>A band consists of every n-th bit, because adjacent bits belong to adjacent frequencies and
 * are correlated.
 */
final class Bands {
  private final long[] masks;

  private Bands(long[] masks) {
    this.masks = masks;
  }

  /** Bands for a maximum distance in bits. */
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

  /** The buckets of a sample's hashes, one per band. */
  List<String> buckets(Look look) {
    List<String> buckets = new ArrayList<>(masks.length);
    for (int band = 0; band < masks.length; band++) {
      buckets.add(bucket(look, Integer.toString(band), masks[band]));
    }
    return buckets;
  }

  /**
   * As above, with crowded buckets subdivided. Members of a bucket agree in its bits, and near ones
   * differ in the remaining bits by at most the distance, so banding the remaining bits again keeps
   * all near pairs.
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
