package io.tokenflex.dataprep.verify;

import io.tokenflex.dataprep.dataset.DatasetFolder;
import io.tokenflex.dataprep.dataset.DatasetLayout;
import io.tokenflex.dataprep.dataset.Manifest;
import io.tokenflex.dataprep.dataset.Manifest.Shard;
import io.tokenflex.dataprep.verify.CheckFile.Stated;
import io.tokenflex.dataprep.verify.CheckFile.StatedRejects;
import io.tokenflex.dataprep.verify.CheckFile.StatedShard;
import io.tokenflex.dataprep.verify.Finding.Tally;
import io.tokenflex.failure.InvalidInputException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.storage.StorageLevel;
import org.apache.spark.util.SerializableConfiguration;
import scala.Tuple2;

/**
 * Verifies a dataset against its manifests. Each file is read completely by one task, once, however
 * many versions list it.
 */
public final class DatasetVerification {
  /** Maximum number of duplicate ids reported. */
  private static final int MAX_TOLD_IDS = 1000;

  private final JavaSparkContext spark;
  private final DatasetFolder dataset;
  private final List<Fault> faults = new ArrayList<>();

  /** Readable manifests by version. */
  private final TreeMap<Integer, Manifest> manifests = new TreeMap<>();

  private DatasetVerification(JavaSparkContext spark, DatasetFolder dataset) {
    this.spark = spark;
    this.dataset = dataset;
  }

  /**
   * Verifies one version, or all published ones.
   *
   * @throws IllegalArgumentException if the version does not exist
   */
  public static Verification verify(SparkSession session, String folder, Optional<Integer> version)
      throws IOException {
    JavaSparkContext spark = JavaSparkContext.fromSparkContext(session.sparkContext());
    DatasetFolder dataset = DatasetFolder.at(folder, spark.hadoopConfiguration());
    List<Integer> published = dataset.requireVersions();
    if (version.isPresent() && !published.contains(version.get())) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT, "%s has no version %d; it has %s", dataset, version.get(), published));
    }
    return new DatasetVerification(spark, dataset)
        .verify(version.map(List::of).orElse(published), published);
  }

  private Verification verify(List<Integer> versions, List<Integer> published) throws IOException {
    for (int version : versions) {
      readManifest(version);
    }
    for (Manifest manifest : manifests.values()) {
      checkParent(manifest, published);
    }
    List<StatedShard> shards = shards();
    List<Stated> files = new ArrayList<>(shards);
    for (Manifest manifest : manifests.values()) {
      String table = manifest.run().rejectsFile();
      files.add(
          new StatedRejects(
              table, dataset.pathOf(table).toString(), new TreeMap<>(manifest.run().rejects())));
    }
    long untold = 0;
    Tally all = new Tally(0, 0, 0);
    if (!files.isEmpty()) {
      Broadcast<SerializableConfiguration> hadoop =
          spark.broadcast(new SerializableConfiguration(spark.hadoopConfiguration()));
      // Persisted: used for faults and then for ids, but files must be read only once.
      JavaRDD<Finding> findings =
          spark
              .parallelize(files, files.size())
              .flatMap(new CheckFile(hadoop))
              .persist(StorageLevel.DISK_ONLY());
      try {
        all =
            findings
                .filter(finding -> finding instanceof Tally)
                .map(finding -> (Tally) finding)
                .reduce(Tally::plus);
        List<Fault> told =
            findings
                .filter(finding -> finding instanceof Finding.Told)
                .map(finding -> ((Finding.Told) finding).fault())
                .collect();
        faults.addAll(told);
        untold = all.faults() - told.size() + checkIds(findings, shards);
      } finally {
        findings.unpersist(/* blocking= */ false);
        hadoop.destroy();
      }
    }
    return new Verification(
        versions, shards.size(), all.samples(), all.images(), faults, faults.size() + untold);
  }

  private void readManifest(int version) throws IOException {
    try {
      Manifest manifest = dataset.read(version);
      if (manifest.version() != version) {
        fault(version, "it says that it is version " + manifest.version());
      }
      manifests.put(version, manifest);
    } catch (IllegalArgumentException e) { // not a manifest, or its counts are inconsistent
      fault(version, e.getMessage());
    }
  }

  /** The parent must be the preceding version, unless that has expired. */
  private void checkParent(Manifest manifest, List<Integer> published) throws IOException {
    int parent = manifest.parent();
    if (parent == 0) {
      return;
    }
    if (parent >= manifest.version()) {
      fault(
          manifest.version(),
          String.format(Locale.ROOT, "its parent is version %d, which is not older", parent));
      return;
    }
    if (!published.contains(parent)) {
      if (published.get(0) < parent) {
        fault(
            manifest.version(),
            String.format(
                Locale.ROOT,
                "its parent, version %d, is gone although version %d, which is older, is there",
                parent,
                published.get(0)));
      }
      return;
    }
    try {
      List<Shard> inherited = dataset.read(parent).shards();
      List<Shard> shards = manifest.shards();
      if (shards.size() < inherited.size()
          || !shards.subList(0, inherited.size()).equals(inherited)) {
        fault(
            manifest.version(),
            String.format(
                Locale.ROOT,
                "its shards do not begin with those of its parent, version %d",
                parent));
      }
    } catch (IllegalArgumentException e) {
      fault(
          manifest.version(),
          String.format(Locale.ROOT, "its parent, version %d, cannot be read", parent));
    }
  }

  private void fault(int version, String problem) {
    faults.add(new Fault(DatasetLayout.manifestFile(version), "", problem));
  }

  /**
   * All shards of the versions without repetition; entries that differ in any value count
   * separately.
   */
  private List<StatedShard> shards() {
    Map<Shard, StatedShard> shards = new LinkedHashMap<>();
    for (Manifest manifest : manifests.values()) {
      for (Shard shard : manifest.shards()) {
        shards.computeIfAbsent(
            shard,
            s ->
                new StatedShard(
                    shards.size(),
                    dataset.pathOf(s.file()).toString(),
                    s,
                    manifest.rowsPerRowGroup()));
      }
    }
    return List.copyOf(shards.values());
  }

  /** Occurrences of an id: the count and up to two places. */
  private record Places(long count, String first, String second) implements java.io.Serializable {
    Places and(Places other) {
      String smallest = first.compareTo(other.first) <= 0 ? first : other.first;
      List<String> others = new ArrayList<>(List.of(first, second, other.first, other.second));
      others.remove(smallest);
      others.removeIf(String::isEmpty);
      return new Places(count + other.count, smallest, Collections.min(others));
    }
  }

  /**
   * Reports ids that occur more than once in a version; returns the number of those not reported.
   */
  private long checkIds(JavaRDD<Finding> findings, List<StatedShard> shards) {
    long untold = 0;
    for (Manifest manifest : largest()) {
      Set<Shard> named = new HashSet<>(manifest.shards());
      LinkedHashSet<Integer> inVersion = new LinkedHashSet<>();
      List<String> files = new ArrayList<>();
      for (StatedShard shard : shards) {
        files.add(shard.file());
        if (named.contains(shard.shard())) {
          inVersion.add(shard.index());
        }
      }
      JavaPairRDD<String, Places> repeated =
          findings
              .filter(finding -> finding instanceof Finding.Id id && inVersion.contains(id.file()))
              .mapToPair(
                  finding -> {
                    Finding.Id id = (Finding.Id) finding;
                    return new Tuple2<>(
                        id.id(), new Places(1, files.get(id.file()) + ", " + id.place(), ""));
                  })
              .reduceByKey(Places::and)
              .filter(places -> places._2().count() > 1)
              .persist(StorageLevel.DISK_ONLY());
      long count = repeated.count();
      List<Tuple2<String, Places>> told = new ArrayList<>(repeated.take(MAX_TOLD_IDS));
      told.sort(Comparator.comparing(Tuple2::_1));
      repeated.unpersist(/* blocking= */ false);
      told.forEach(
          places ->
              fault(
                  manifest.version(),
                  String.format(
                      Locale.ROOT,
                      "the id %s stands at %d places, such as %s and %s",
                      places._1(),
                      places._2().count(),
                      places._2().first(),
                      places._2().second())));
      untold += count - told.size();
    }
    return untold;
  }

  /**
   * Versions whose shards are not a subset of another version's; checking their ids covers all
   * versions.
   */
  private List<Manifest> largest() {
    List<Manifest> largest = new ArrayList<>();
    for (Manifest manifest : manifests.descendingMap().values()) {
      if (largest.stream()
          .noneMatch(other -> new HashSet<>(other.shards()).containsAll(manifest.shards()))) {
        largest.add(manifest);
      }
    }
    return largest;
  }
}
