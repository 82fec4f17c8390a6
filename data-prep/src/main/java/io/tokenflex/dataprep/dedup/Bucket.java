package io.tokenflex.dataprep.dedup;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Members of one bucket in order of precedence. Hashes are stored in a flat array: a comparison
 * takes about a nanosecond, and in crowded buckets a match is found early.
 */
final class Bucket {
  private final int distance;
  private final int numImages;
  private final List<Representative> members = new ArrayList<>();
  private long[] hashes = new long[16];

  Bucket(int distance, int numImages) {
    this.distance = distance;
    this.numImages = numImages;
  }

  /** The member of smallest precedence within the distance; null if there is none. */
  Representative firstNear(Look look) {
    long[] wanted = look.hashes().stream().mapToLong(Long::longValue).toArray();
    int end = members.size() * numImages;
    long first = wanted[0];
    for (int at = 0; at < end; at += numImages) {
      if (Long.bitCount(hashes[at] ^ first) <= distance && areOthersNear(wanted, at)) {
        return members.get(at / numImages);
      }
    }
    return null;
  }

  private boolean areOthersNear(long[] wanted, int at) {
    for (int i = 1; i < numImages; i++) {
      if (Long.bitCount(hashes[at + i] ^ wanted[i]) > distance) {
        return false;
      }
    }
    return true;
  }

  void add(Look look, Representative member) {
    int at = members.size() * numImages;
    if (at + numImages > hashes.length) {
      hashes = Arrays.copyOf(hashes, Math.addExact(hashes.length, hashes.length + numImages));
    }
    for (int i = 0; i < numImages; i++) {
      hashes[at + i] = look.hashes().get(i);
    }
    members.add(member);
  }
}
