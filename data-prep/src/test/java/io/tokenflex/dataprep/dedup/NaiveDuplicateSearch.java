package io.tokenflex.dataprep.dedup;

import io.tokenflex.dataprep.dedup.DedupConfig.Scope;
import io.tokenflex.dataprep.dedup.Duplicate.Kind;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Compares every sample with every other one: the rule, word for word. */
final class NaiveDuplicateSearch {
  private NaiveDuplicateSearch() {}

  static Map<String, Duplicate> find(List<Fingerprint> fingerprints, DedupConfig config) {
    List<Fingerprint> ordered =
        fingerprints.stream()
            .sorted(Comparator.comparing(Fingerprint::precedence).thenComparing(Fingerprint::id))
            .toList();
    Map<String, Duplicate> duplicates = new TreeMap<>();
    for (int later = 0; later < ordered.size(); later++) {
      for (int earlier = 0; earlier < later; earlier++) {
        Duplicate duplicate = compare(ordered.get(earlier), ordered.get(later), config);
        if (duplicate != null) {
          duplicates.put(ordered.get(later).id(), duplicate);
          break;
        }
      }
    }
    return duplicates;
  }

  private static Duplicate compare(Fingerprint kept, Fingerprint sample, DedupConfig config) {
    int numImages = kept.images().size();
    if (sample.images().size() != numImages) {
      return null;
    }
    if (config.scope() == Scope.SAMPLE
        && !kept.conversationDigest().equals(sample.conversationDigest())) {
      return null;
    }
    if (numImages == 0) {
      boolean isDuplicate = config.exact() && config.scope() == Scope.SAMPLE;
      return isDuplicate ? new Duplicate(kept.id(), Kind.EXACT, 0) : null;
    }
    boolean isExact = true;
    int distance = 0;
    for (int i = 0; i < numImages; i++) {
      ImageFingerprint a = kept.images().get(i);
      ImageFingerprint b = sample.images().get(i);
      isExact &= a.pixelsSha256().equals(b.pixelsSha256());
      distance = Math.max(distance, Long.bitCount(a.perceptualHash() ^ b.perceptualHash()));
    }
    if (config.exact() && isExact) {
      return new Duplicate(kept.id(), Kind.EXACT, 0);
    }
    boolean isNear = config.nearDistance() >= 0 && distance <= config.nearDistance();
    return isNear ? new Duplicate(kept.id(), Kind.NEAR, distance) : null;
  }
}
