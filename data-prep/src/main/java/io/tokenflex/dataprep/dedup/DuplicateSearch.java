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
 * Finds duplicate samples.
 *
 * <p><b>Rule.</b> A sample is removed if <em>any</em> sample of smaller precedence equals it
 * (exact), or has the same number of images, each within the distance of its counterpart (near),
 * even if that other sample is removed itself. The result depends on pairs of samples only, not on
 * partitions or order. Of a chain of images, each near the next, only the first is kept, although
 * its ends may be further apart. {@link Duplicate#keptId} is the match of smallest precedence,
 * which in such a chain may be removed too. Samples of an existing dataset (generation 0) are
 * reported like all others; callers that cannot remove them must ignore their ids.
 *
 * <p><b>Cost.</b> An exact search is one shuffle. A near search groups samples by their hashes (one
 * shuffle), sends the first of each group to {@code nearDistance + 1} buckets of {@code 64 /
 * (nearDistance + 1)} bits each, and compares within the buckets (second shuffle); matches return
 * to the groups (third shuffle). Groups and buckets are read as sorted streams, so a task holds
 * only the distinct hashes of one bucket in memory, about 300 bytes each. Buckets with more than
 * {@value #CROWDED} members are subdivided, which makes {@code nearDistance + 1} copies of each
 * member; {@link #find} runs a counting job to find them. With a million random hashes a bucket has
 * about 15 members at distance 3 and 4 000 at distance 7; at distance 15 all buckets are crowded.
 * Large distances are therefore for small datasets.
 */
public final class DuplicateSearch {
  /** Number of distinct members above which a bucket is subdivided. */
  static final int CROWDED = 20_000;

  private DuplicateSearch() {}

  /**
   * Finds the samples to remove.
   *
   * @param fingerprints each id once; evaluated up to twice unless Spark still has the shuffle
   *     files, so persist it if it is expensive
   * @return one entry per sample to remove, keyed by its id
   */
  public static JavaPairRDD<String, Duplicate> find(
      JavaRDD<Fingerprint> fingerprints, DedupConfig config) {
    return find(fingerprints, config, CROWDED);
  }

  static JavaPairRDD<String, Duplicate> find(
      JavaRDD<Fingerprint> fingerprints, DedupConfig config, int crowded) {
    // Samples without images can only be compared exactly, by their conversations.
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
    // Used twice; Spark reuses the shuffle files for the second use.
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

  /** For each group of equal hashes, its near matches of smaller precedence; keyed by the group. */
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
    // At distance 0 the groups are complete already; samples without images have no near
    // duplicates.
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

  /** The current group of a sorted stream. */
  private static final class Group {
    private GroupKey first;
    private Bucket bucket;

    boolean starts(GroupKey key) {
      return first == null || !first.group().equals(key.group());
    }
  }
}
