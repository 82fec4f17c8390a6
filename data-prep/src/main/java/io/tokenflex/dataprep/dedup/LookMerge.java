package io.tokenflex.dataprep.dedup;

import io.tokenflex.dataprep.dedup.Duplicate.Kind;
import java.util.Iterator;
import java.util.List;
import scala.Tuple2;

/**
 * Joins the samples of each group of equal hashes with the group's best match; both inputs are
 * sorted.
 */
final class LookMerge {
  private final Iterator<Tuple2<GroupKey, String>> samples;
  private final Iterator<Tuple2<GroupKey, Representative>> matches;
  private final boolean exact;
  private Tuple2<GroupKey, Representative> nextMatch;
  private String group;
  private Representative kept;
  private int distance;

  LookMerge(
      Iterator<Tuple2<GroupKey, String>> samples,
      Iterator<Tuple2<GroupKey, Representative>> matches,
      boolean exact) {
    this.samples = samples;
    this.matches = matches;
    this.exact = exact;
    advance();
  }

  Iterator<Tuple2<String, Duplicate>> duplicates() {
    return Streams.flatMap(
        samples,
        (sample, duplicates) -> {
          GroupKey key = sample._1();
          if (!key.group().equals(group)) {
            group = key.group();
            enterGroup(new Representative(key, sample._2()));
          }
          if (!kept.key().id().equals(key.id())) {
            boolean isEqual = exact && distance == 0 && kept.pixels().equals(sample._2());
            Duplicate duplicate =
                new Duplicate(kept.key().id(), isEqual ? Kind.EXACT : Kind.NEAR, distance);
            duplicates.accept(new Tuple2<>(key.id(), duplicate));
          }
        });
  }

  /**
   * Selects the sample kept for the group: its first one, unless a near match has smaller
   * precedence.
   */
  private void enterGroup(Representative first) {
    kept = first;
    distance = 0;
    while (nextMatch != null && nextMatch._1().group().compareTo(group) < 0) {
      advance();
    }
    if (nextMatch != null && nextMatch._1().group().equals(group)) {
      kept = nextMatch._2();
      distance = distanceBetween(first.look().hashes(), kept.look().hashes());
    }
  }

  private void advance() {
    nextMatch = matches.hasNext() ? matches.next() : null;
  }

  private static int distanceBetween(List<Long> a, List<Long> b) {
    int most = 0;
    for (int i = 0; i < a.size(); i++) {
      most = Math.max(most, Long.bitCount(a.get(i) ^ b.get(i)));
    }
    return most;
  }
}
