package io.tokenflex.dataprep.dedup;

import io.tokenflex.dataprep.dedup.DedupConfig.Scope;
import io.tokenflex.dataprep.dedup.Duplicate.Kind;
import java.util.Iterator;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import scala.Tuple2;

/**
 * Finds the samples that must go because another one shows the same.
 *
 * <p><b>Rule.</b> A sample goes if <em>any</em> sample of smaller precedence equals it (exact), or
 * has as many images, each within the distance of its own (near), even if that other sample goes
 * itself. So the answer depends on pairs of samples alone, never on partitions or order; and of a
 * chain of pictures, each near the next, only the first stays, although its ends may be further
 * apart. {@link Duplicate#keptId} names the match of smallest precedence, which in such a chain may
 * be gone too. Samples of an existing dataset (generation 0) are reported like all others: whoever
 * cannot remove them leaves their ids out.
 *
 * <p><b>Cost.</b> An exact search is one shuffle. A near search groups the samples by their hashes
 * (one shuffle), sends the first of every group to {@code nearDistance + 1} buckets of {@code 64 /
 * (nearDistance + 1)} equal bits, and compares within them; the matches return to the groups. All
 * groups and buckets are read as sorted streams. What a task holds in memory is the distinct hashes
 * of one bucket, about 300 bytes each. Buckets of more than {@value #CROWDED} are cut by a second
 * level of bands, at the price of {@code nearDistance + 1} copies of each of their members; to know
 * them, a counting job runs while {@link #find} is called. For a million random hashes a bucket
 * holds about 15 at distance 3, 4 000 at distance 7, and at distance 15 all buckets are crowded:
 * large distances are for small datasets.
 */
public final class DuplicateSearch {
  /** Distinct looks in a bucket above which it is divided. */
  static final int CROWDED = 20_000;

  private DuplicateSearch() {}

  /**
   * Finds what must go.
   *
   * @param fingerprints each id once; evaluated up to twice unless Spark still has the shuffle, so
   *     persist it if it is costly
   * @return one entry for each sample that must go, keyed by its id
   */
  public static JavaPairRDD<String, Duplicate> find(
      JavaRDD<Fingerprint> fingerprints, DedupConfig config) {
    return find(fingerprints, config, CROWDED);
  }

  static JavaPairRDD<String, Duplicate> find(
      JavaRDD<Fingerprint> fingerprints, DedupConfig config, int crowded) {
    // Without images only the conversation can be compared, and only exactly.
    boolean takesTexts = config.exact() && config.scope() == Scope.SAMPLE;
    JavaRDD<Fingerprint> compared =
        fingerprints.filter(fingerprint -> takesTexts || !fingerprint.images().isEmpty());
    GroupKey.ByGroup partitioner =
        new GroupKey.ByGroup(Math.max(1, fingerprints.getNumPartitions()));
    if (config.searchesNear()) {
      return near(compared, config, partitioner, crowded);
    }
    return config.exact() ? exact(compared, config.scope(), partitioner) : nothing(fingerprints);
  }

  private static JavaPairRDD<String, Duplicate> nothing(JavaRDD<Fingerprint> fingerprints) {
    JavaSparkContext spark = JavaSparkContext.fromSparkContext(fingerprints.context());
    return spark.<Tuple2<String, Duplicate>>emptyRDD().mapToPair(entry -> entry);
  }

  private static JavaPairRDD<String, Duplicate> exact(
      JavaRDD<Fingerprint> fingerprints, Scope scope, GroupKey.ByGroup partitioner) {
    return fingerprints
        .mapToPair(
            fingerprint -> {
              String conversation = scope == Scope.SAMPLE ? fingerprint.conversationDigest() : "";
              return new Tuple2<>(
                  keyOf(fingerprint, pixelsOf(fingerprint) + "|" + conversation), true);
            })
        .repartitionAndSortWithinPartitions(partitioner)
        .mapPartitionsToPair(
            samples -> {
              Group group = new Group();
              return Streams.flatMap(
                  samples,
                  (sample, duplicates) -> {
                    GroupKey key = sample._1();
                    if (group.starts(key)) {
                      group.first = key;
                    } else {
                      Duplicate duplicate = new Duplicate(group.first.id(), Kind.EXACT, 0);
                      duplicates.accept(new Tuple2<>(key.id(), duplicate));
                    }
                  });
            });
  }

  private static JavaPairRDD<String, Duplicate> near(
      JavaRDD<Fingerprint> fingerprints,
      DedupConfig config,
      GroupKey.ByGroup partitioner,
      int crowded) {
    Scope scope = config.scope();
    // Spark keeps this shuffle's files: the second use, at the end, does not shuffle again.
    JavaPairRDD<GroupKey, String> byLook =
        fingerprints
            .mapToPair(
                fingerprint ->
                    new Tuple2<>(
                        keyOf(fingerprint, Look.of(fingerprint, scope).name()),
                        pixelsOf(fingerprint)))
            .repartitionAndSortWithinPartitions(partitioner);
    JavaPairRDD<GroupKey, Representative> matches =
        matches(byLook, config.nearDistance(), partitioner, crowded);
    boolean exact = config.exact();
    return byLook
        .zipPartitions(matches, (samples, best) -> new LookMerge(samples, best, exact).duplicates())
        .mapToPair(entry -> entry);
  }

  /** For each look the near representatives of smaller precedence, keyed by the look. */
  private static JavaPairRDD<GroupKey, Representative> matches(
      JavaPairRDD<GroupKey, String> byLook,
      int distance,
      GroupKey.ByGroup partitioner,
      int crowded) {
    JavaRDD<Representative> looks =
        byLook.mapPartitions(
            samples -> {
              Group group = new Group();
              return Streams.flatMap(
                  samples,
                  (sample, firsts) -> {
                    if (group.starts(sample._1())) {
                      group.first = sample._1();
                      firsts.accept(new Representative(sample._1(), sample._2()));
                    }
                  });
            });
    // Equal hashes are one look already, and texts are near nothing.
    JavaRDD<Representative> pictures =
        looks.filter(first -> distance > 0 && !first.look().hashes().isEmpty());
    Broadcast<Set<String>> crowdedBuckets =
        JavaSparkContext.fromSparkContext(byLook.context())
            .broadcast(distance > 0 ? crowdedBuckets(pictures, distance, crowded) : Set.of());
    return pictures
        .flatMapToPair(
            first ->
                Bands.within(distance).buckets(first.look(), crowdedBuckets.value()).stream()
                    .map(bucket -> new Tuple2<>(first.key().inGroup(bucket), first))
                    .iterator())
        .repartitionAndSortWithinPartitions(partitioner)
        .mapPartitionsToPair(members -> matchesWithin(members, distance))
        .repartitionAndSortWithinPartitions(partitioner);
  }

  private static Set<String> crowdedBuckets(
      JavaRDD<Representative> pictures, int distance, int crowded) {
    return pictures
        .flatMapToPair(
            first ->
                Bands.within(distance).buckets(first.look()).stream()
                    .map(bucket -> new Tuple2<>(bucket, 1L))
                    .iterator())
        .reduceByKey(Long::sum)
        .filter(count -> count._2() > crowded)
        .keys()
        .collect()
        .stream()
        .collect(Collectors.toUnmodifiableSet());
  }

  private static Iterator<Tuple2<GroupKey, Representative>> matchesWithin(
      Iterator<Tuple2<GroupKey, Representative>> members, int distance) {
    Group group = new Group();
    return Streams.flatMap(
        members,
        (entry, matches) -> {
          Representative member = entry._2();
          Look look = member.look();
          if (group.starts(entry._1())) {
            group.first = entry._1();
            group.bucket = new Bucket(distance, look.hashes().size());
          }
          Representative near = group.bucket.firstNear(look);
          if (near != null) {
            matches.accept(new Tuple2<>(near.key().inGroup(member.key().group()), near));
          }
          group.bucket.add(look, member);
        });
  }

  private static GroupKey keyOf(Fingerprint fingerprint, String group) {
    return new GroupKey(group, fingerprint.precedence(), fingerprint.id());
  }

  private static String pixelsOf(Fingerprint fingerprint) {
    return fingerprint.images().stream()
        .map(ImageFingerprint::pixelsSha256)
        .collect(Collectors.joining(","));
  }

  /** The group that a sorted stream is in. */
  private static final class Group {
    private GroupKey first;
    private Bucket bucket;

    boolean starts(GroupKey key) {
      return first == null || !first.group().equals(key.group());
    }
  }
}
