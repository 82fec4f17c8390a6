package io.tokenflex.dataprep.dedup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tokenflex.dataprep.dedup.DedupConfig.Scope;
import io.tokenflex.dataprep.dedup.Duplicate.Kind;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DuplicateSearchTest {
  private static SparkSession session;
  private static JavaSparkContext spark;

  @BeforeAll
  static void start() {
    session =
        SparkSession.builder()
            .master("local[2]")
            .appName("dedup tests")
            .config("spark.ui.enabled", "false")
            .config("spark.driver.host", "127.0.0.1")
            .config("spark.driver.bindAddress", "127.0.0.1")
            .getOrCreate();
    spark = new JavaSparkContext(session.sparkContext());
  }

  @AfterAll
  static void stop() {
    session.stop();
  }

  @ParameterizedTest
  @CsvSource({
    "true,-1,SAMPLE",
    "true,-1,IMAGE",
    "true,0,SAMPLE",
    "false,0,IMAGE",
    "true,3,SAMPLE",
    "true,3,IMAGE",
    "false,3,SAMPLE",
    "false,5,IMAGE",
    "true,15,IMAGE",
    "false,-1,SAMPLE"
  })
  void theSearchFindsWhatComparingEveryPairFinds(boolean exact, int nearDistance, Scope scope) {
    compare(new DedupConfig(exact, nearDistance, scope), 1, 1, 4);
  }

  @ParameterizedTest
  @Tag("slow")
  @ValueSource(ints = {-1, 0, 1, 2, 3, 5, 8, 15})
  void theSearchFindsWhatComparingEveryPairFindsForMoreSeeds(int nearDistance) {
    for (Scope scope : Scope.values()) {
      for (boolean exact : new boolean[] {false, true}) {
        compare(new DedupConfig(exact, nearDistance, scope), 3, 1, 2, 7);
      }
    }
  }

  private static void compare(DedupConfig config, int numSeeds, int... partitions) {
    for (long seed = 0; seed < numSeeds; seed++) {
      List<Fingerprint> fingerprints = random(250, new Random(seed));
      Map<String, Duplicate> expected = NaiveDuplicateSearch.find(fingerprints, config);
      for (int numPartitions : partitions) {
        int crowded = numPartitions == 1 ? 1000 : 3;
        Collections.shuffle(fingerprints, new Random(seed + numPartitions));
        assertThat(find(fingerprints, config, numPartitions, crowded))
            .as("seed %d, %d partitions, crowded at %d", seed, numPartitions, crowded)
            .isEqualTo(expected);
      }
    }
  }

  @Test
  void aChainOfNearPicturesLosesAllButTheFirst() {
    List<Fingerprint> chain =
        List.of(
            sample("a", 0, image("p", 0b0)),
            sample("b", 1, image("q", 0b111)),
            sample("c", 2, image("r", 0b111_111)));
    assertThat(find(chain, new DedupConfig(false, 3, Scope.IMAGE), 2, 10))
        .isEqualTo(
            Map.of(
                "b", new Duplicate("a", Kind.NEAR, 3),
                "c", new Duplicate("b", Kind.NEAR, 3)));
  }

  @Test
  void samplesOfTheExistingDatasetStayBeforeNewOnes() {
    Fingerprint existing =
        new Fingerprint("old", new Precedence(0, 9, 99), "c", List.of(image("p", 5)));
    Fingerprint added =
        new Fingerprint("new", new Precedence(1, 0, 0), "c", List.of(image("p", 5)));
    for (int nearDistance : new int[] {-1, 0, 4}) {
      assertThat(
              find(
                  List.of(added, existing),
                  new DedupConfig(true, nearDistance, Scope.SAMPLE),
                  3,
                  10))
          .as("nearDistance %d", nearDistance)
          .isEqualTo(Map.of("new", new Duplicate("old", Kind.EXACT, 0)));
    }
  }

  @Test
  void anEmptyInputHasNoDuplicates() {
    assertThat(find(List.of(), new DedupConfig(true, 3, Scope.IMAGE), 1, 10)).isEmpty();
  }

  /** Distinct hashes that all lie in the same few buckets, as pictures of white paper do. */
  @ParameterizedTest
  @ValueSource(ints = {1_000, 20_000})
  void crowdedBucketsStayFast(int crowded) {
    Random random = new Random(11);
    List<Fingerprint> fingerprints = new ArrayList<>();
    for (int i = 0; i < 20_000; i++) {
      long hash = 1L << 63;
      for (int flips = 0; flips < 6; flips++) {
        hash ^= 1L << random.nextInt(63);
      }
      fingerprints.add(sample("s" + i, i, image("p" + i, hash)));
    }
    Instant start = Instant.now();
    DedupConfig config = new DedupConfig(true, 3, Scope.IMAGE);

    Map<String, Duplicate> found = find(fingerprints, config, 4, crowded);

    assertThat(Duration.between(start, Instant.now())).isLessThan(Duration.ofSeconds(60));
    assertThat(found).hasSizeBetween(1_000, 19_999);
    Random sampled = new Random(12);
    for (int n = 0; n < 200; n++) {
      Fingerprint sample = fingerprints.get(sampled.nextInt(fingerprints.size()));
      assertThat(found.get(sample.id()))
          .as("%s", sample)
          .isEqualTo(firstNear(fingerprints, sample, 3));
    }
  }

  private static Duplicate firstNear(
      List<Fingerprint> ordered, Fingerprint sample, int nearDistance) {
    long hash = sample.images().get(0).perceptualHash();
    for (Fingerprint earlier : ordered) {
      if (earlier.equals(sample)) {
        return null;
      }
      int distance = Long.bitCount(earlier.images().get(0).perceptualHash() ^ hash);
      if (distance <= nearDistance) {
        return new Duplicate(earlier.id(), Kind.NEAR, distance);
      }
    }
    throw new IllegalArgumentException(sample.id() + " is not among the samples");
  }

  @Test
  void settingsAndDigestsAreChecked() {
    assertThatThrownBy(() -> new DedupConfig(true, 16, Scope.IMAGE))
        .hasMessage("nearDistance is 16; expected 0 to 15 bits, or -1 for no near search");
    assertThatThrownBy(() -> new ImageFingerprint("ABC", 0))
        .hasMessage("pixelsSha256 is 'ABC'; expected 64 lower-case hex digits");
    assertThatThrownBy(() -> new Duplicate("a", Kind.EXACT, 2))
        .hasMessageContaining("distance is 2 for kind EXACT");
  }

  /** Few origins, pictures a few bits off them, few conversations, up to three images. */
  private static List<Fingerprint> random(int count, Random random) {
    long[] origins = random.longs(6).toArray();
    List<Fingerprint> fingerprints = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      List<ImageFingerprint> images = new ArrayList<>();
      int numImages = Math.min(3, random.nextInt(8));
      for (int k = 0; k < (numImages == 0 ? 0 : 1 + numImages / 3); k++) {
        long hash = origins[random.nextInt(origins.length)];
        for (int flips = random.nextInt(7); flips > 0; flips--) {
          hash ^= 1L << random.nextInt(Long.SIZE);
        }
        // Equal pixels have equal hashes, but not the other way round.
        images.add(image(hash + "/" + random.nextInt(2), hash));
      }
      Precedence precedence =
          new Precedence(random.nextInt(2), random.nextInt(3), random.nextInt(100));
      fingerprints.add(
          new Fingerprint("id" + i, precedence, "conversation" + random.nextInt(2), images));
    }
    return fingerprints;
  }

  private static Map<String, Duplicate> find(
      List<Fingerprint> fingerprints, DedupConfig config, int numPartitions, int crowded) {
    List<scala.Tuple2<String, Duplicate>> found =
        DuplicateSearch.find(spark.parallelize(fingerprints, numPartitions), config, crowded)
            .collect();
    Map<String, Duplicate> duplicates = new TreeMap<>();
    found.forEach(
        entry ->
            assertThat(duplicates.put(entry._1(), entry._2()))
                .as("first entry of %s", entry._1())
                .isNull());
    return duplicates;
  }

  private static Fingerprint sample(String id, long position, ImageFingerprint image) {
    return new Fingerprint(id, new Precedence(1, 0, position), "c", List.of(image));
  }

  private static ImageFingerprint image(String pixels, long hash) {
    return new ImageFingerprint(
        String.format(Locale.ROOT, "%064x", Math.abs((long) pixels.hashCode())), hash);
  }
}
