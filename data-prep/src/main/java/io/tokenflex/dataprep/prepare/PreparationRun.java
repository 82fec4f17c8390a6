package io.tokenflex.dataprep.prepare;

import io.tokenflex.dataprep.dataset.DatasetFolder;
import io.tokenflex.dataprep.dataset.DatasetLayout;
import io.tokenflex.dataprep.dataset.Manifest;
import io.tokenflex.dataprep.dedup.Duplicate;
import io.tokenflex.dataprep.dedup.DuplicateIds;
import io.tokenflex.dataprep.dedup.DuplicateSearch;
import io.tokenflex.dataprep.dedup.Fingerprint;
import io.tokenflex.dataprep.dedup.ImageFingerprint;
import io.tokenflex.dataprep.dedup.Precedence;
import io.tokenflex.dataprep.dedup.UniqueIds;
import io.tokenflex.dataprep.input.HeldRecords;
import io.tokenflex.dataprep.input.InputFile;
import io.tokenflex.dataprep.input.PicturesSeen;
import io.tokenflex.dataprep.input.PlanFile;
import io.tokenflex.dataprep.input.PlannedSplit;
import io.tokenflex.dataprep.input.ReadCounts;
import io.tokenflex.dataprep.judge.SampleFaults;
import io.tokenflex.dataprep.judge.SampleJudge;
import io.tokenflex.dataprep.order.AcceptedRecords;
import io.tokenflex.dataprep.order.ShardPartitioner;
import io.tokenflex.dataprep.order.ShuffleKey;
import io.tokenflex.dataprep.record.CheckedRecord;
import io.tokenflex.dataprep.record.CheckedRecord.Accepted;
import io.tokenflex.dataprep.record.CheckedRecord.Rejected;
import io.tokenflex.dataprep.record.RejectReason;
import io.tokenflex.dataprep.source.SourceSplit;
import io.tokenflex.failure.InvalidInputException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.HashPartitioner;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.storage.StorageLevel;
import org.apache.spark.util.CollectionAccumulator;
import org.apache.spark.util.SerializableConfiguration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.Tuple2;

/**
 * The Spark jobs of one preparation: from input files to shards and rejects in the run's folder.
 *
 * <p>Only texts and digests are shuffled; images stay in packs. The result depends on input, parent
 * and configuration, not on the number of tasks. Task attempts write separate files, of which the
 * driver uses one.
 */
final class PreparationRun {
  private static final Logger log = LoggerFactory.getLogger(PreparationRun.class);
  private static final String PACKS = "packs";

  private final SparkSession session;
  private final JavaSparkContext spark;
  private final PrepareConfig config;
  private final DatasetFolder dataset;
  private final Optional<Manifest> parent;
  private final SampleJudge judge;
  private final String run;
  private final Path runFolder;

  /**
   * Creates a run.
   *
   * @param parent the version to extend, if any
   * @param judge judges a share of the written samples
   * @param run name of the run's folder within the dataset folder; it exists
   */
  PreparationRun(
      SparkSession session,
      PrepareConfig config,
      DatasetFolder dataset,
      Optional<Manifest> parent,
      SampleJudge judge,
      String run) {
    this.session = session;
    this.spark = JavaSparkContext.fromSparkContext(session.sparkContext());
    this.config = config;
    this.dataset = dataset;
    this.parent = parent;
    this.judge = judge;
    this.run = run;
    this.runFolder = dataset.pathOf(run);
  }

  /** Written files and the judge's result. */
  record Result(Manifest.Run counts, List<Manifest.Shard> shards, SampleFaults faults) {}

  /**
   * Reads, validates and writes everything.
   *
   * @throws IllegalArgumentException if too many records are rejected
   */
  Result write(List<InputFile> files) throws IOException {
    Broadcast<SerializableConfiguration> hadoop =
        spark.broadcast(new SerializableConfiguration(spark.hadoopConfiguration()));
    try (RunProgress progress = new RunProgress(spark)) {
      progress.on("listing records");
      return write(plan(files, hadoop), hadoop, progress);
    } finally {
      hadoop.destroy();
    }
  }

  private Result write(
      List<PlannedSplit> splits, Broadcast<SerializableConfiguration> hadoop, RunProgress progress)
      throws IOException {
    Map<Integer, HeldRecords> held =
        hasSamples(parent) && !splits.isEmpty()
            ? PresentRecords.find(spark, splits, published(dataset, parent.get()), hadoop)
            : Map.of();
    Broadcast<Map<Integer, HeldRecords>> sharedHeld = spark.broadcast(held);
    CollectionAccumulator<PicturesSeen> pictures =
        spark.sc().collectionAccumulator("pictures of each split");
    // Persisted, because the jobs below would otherwise decode every image again.
    JavaRDD<CheckedRecord> checked =
        spark
            .parallelize(splits, Math.max(1, splits.size()))
            .flatMap(
                new CheckRecords(
                    config, new Path(runFolder, PACKS).toString(), sharedHeld, pictures, hadoop))
            .persist(StorageLevel.DISK_ONLY());
    try {
      progress.on("checking records");
      ReadCounts read = ReadCounts.of(checked, splits, held);
      PicturesSeen.requireSome(pictures.value());
      progress.on("looking for duplicates");
      JavaRDD<CheckedRecord> judged = withoutDuplicates(withUniqueIds(checked));
      AcceptedRecords accepted = AcceptedRecords.of(judged);
      WriteRejects.Written rejects =
          writeRejects(checked.filter(record -> record instanceof Rejected).union(judged), hadoop);
      long numPresent = held.values().stream().mapToLong(HeldRecords::numPresent).sum();
      Manifest.Run counts =
          new Manifest.Run(
              run, read.numRead(), accepted.count(), numPresent, rejects.recordsByReason());
      refuseTooManyRejects(counts, read.numUnread(), rejects.firstByReason());
      progress.on("writing shards");
      List<WriteShard.Written> written = writeShards(accepted, hadoop);
      List<Manifest.Shard> shards = written.stream().map(WriteShard.Written::shard).toList();
      move(new Path(rejects.attemptPath()), new Path(runFolder, DatasetLayout.REJECTS));
      removeUnneeded(shards);
      return new Result(
          counts,
          shards,
          written.stream()
              .map(WriteShard.Written::faults)
              .reduce(new SampleFaults(), SampleFaults::plus));
    } finally {
      checked.unpersist(/* blocking= */ false);
      sharedHeld.destroy();
    }
  }

  /** Plans splits of the files, several files in parallel. */
  private List<PlannedSplit> plan(
      List<InputFile> files, Broadcast<SerializableConfiguration> hadoop) {
    List<PlannedSplit> splits = new ArrayList<>();
    for (PlanFile.Plan plan :
        spark.parallelize(files, files.size()).map(new PlanFile(hadoop)).collect()) {
      for (SourceSplit split : plan.splits()) {
        splits.add(new PlannedSplit(splits.size(), plan.file(), split));
      }
    }
    return splits;
  }

  private JavaRDD<CheckedRecord> withUniqueIds(JavaRDD<CheckedRecord> checked) {
    long seed = config.seed();
    JavaPairRDD<ShuffleKey, org.apache.spark.api.java.Optional<Accepted>> claims =
        accepted(checked)
            .mapToPair(
                record ->
                    new Tuple2<>(
                        ShuffleKey.of(seed, record.id(), record.place()),
                        org.apache.spark.api.java.Optional.of(record)));
    if (hasSamples(parent)) {
      claims =
          claims.union(
              published(dataset, parent.get())
                  .ids()
                  .mapToPair(
                      id ->
                          new Tuple2<>(
                              ShuffleKey.ofPresent(seed, id),
                              org.apache.spark.api.java.Optional.empty())));
    }
    DuplicateIds duplicateIds = config.settings().duplicateIds();
    JavaRDD<CheckedRecord> unique =
        sorted(claims).mapPartitions(partition -> UniqueIds.judge(duplicateIds, partition));
    // Renamed samples are no longer in sort order; a search for duplicates sorts again anyway.
    return duplicateIds == DuplicateIds.NUMBER && !config.settings().dedup().searchesAny()
        ? sortedByNewIds(unique)
        : unique;
  }

  private JavaRDD<CheckedRecord> sortedByNewIds(JavaRDD<CheckedRecord> unique) {
    long seed = config.seed();
    return sorted(
            unique.mapToPair(
                record ->
                    new Tuple2<>(
                        ShuffleKey.of(
                            seed,
                            record instanceof Accepted accepted ? accepted.id() : "",
                            record.place()),
                        record)))
        .values();
  }

  private JavaRDD<CheckedRecord> withoutDuplicates(JavaRDD<CheckedRecord> unique)
      throws IOException {
    if (!config.settings().dedup().searchesAny()) {
      return unique;
    }
    JavaRDD<Fingerprint> fingerprints = accepted(unique).map(PreparationRun::fingerprint);
    if (hasSamples(parent)) {
      fingerprints = fingerprints.union(published(dataset, parent.get()).fingerprints(""));
    }
    for (String other : config.dedupAgainst()) {
      DatasetFolder folder = DatasetFolder.at(other, spark.hadoopConfiguration());
      Manifest manifest = folder.requireNewest();
      requireDigests(folder, manifest);
      fingerprints =
          fingerprints.union(published(folder, manifest).fingerprints(other + " sample "));
    }
    JavaPairRDD<String, Duplicate> duplicates =
        DuplicateSearch.find(fingerprints, config.settings().dedup());
    long seed = config.seed();
    JavaPairRDD<ShuffleKey, CheckedRecord> judged =
        accepted(unique)
            .mapToPair(record -> new Tuple2<>(record.id(), record))
            .leftOuterJoin(duplicates)
            .values()
            .mapToPair(
                match ->
                    new Tuple2<>(
                        ShuffleKey.of(seed, match._1().id(), match._1().place()),
                        judge(match._1(), match._2())));
    return sorted(judged).values().union(unique.filter(record -> record instanceof Rejected));
  }

  private void requireDigests(DatasetFolder folder, Manifest manifest) {
    boolean hasAll =
        config.settings().dedup().searchesNear()
            ? manifest.dedup().searchesNear()
            : manifest.dedup().searchesAny();
    if (!hasAll) {
      throw new InvalidInputException(
          "%s cannot be compared with: it was prepared with %s, now %s is wanted; prepare it again with it"
              .formatted(folder, manifest.dedup(), config.settings().dedup()));
    }
  }

  private static CheckedRecord judge(
      Accepted record, org.apache.spark.api.java.Optional<Duplicate> duplicate) {
    if (!duplicate.isPresent()) {
      return record;
    }
    Duplicate found = duplicate.get();
    return switch (found.kind()) {
      case EXACT ->
          record.rejected(RejectReason.DUPLICATE, "The same as " + found.keptId(), found.keptId());
      case NEAR ->
          record.rejected(
              RejectReason.NEAR_DUPLICATE,
              String.format(
                  Locale.ROOT,
                  "Looks like %s: %d of 64 bits differ",
                  found.keptId(),
                  found.distance()),
              found.keptId());
    };
  }

  private static Fingerprint fingerprint(Accepted record) {
    return new Fingerprint(
        record.id(),
        new Precedence(1, record.place().file(), record.place().position()),
        PublishedSamples.digest(record.conversation()),
        record.images().stream()
            .map(image -> new ImageFingerprint(image.pixelsSha256(), image.perceptualHash()))
            .toList());
  }

  private static boolean hasSamples(Optional<Manifest> parent) {
    return parent.isPresent() && !parent.get().shards().isEmpty();
  }

  private static JavaRDD<Accepted> accepted(JavaRDD<CheckedRecord> records) {
    return records.filter(record -> record instanceof Accepted).map(record -> (Accepted) record);
  }

  private <T> JavaPairRDD<ShuffleKey, T> sorted(JavaPairRDD<ShuffleKey, T> keyed) {
    return keyed.repartitionAndSortWithinPartitions(
        new ShuffleKey.RangePartitioner(Math.max(1, spark.defaultParallelism())));
  }

  private PublishedSamples published(DatasetFolder folder, Manifest manifest) {
    return new PublishedSamples(session, folder, manifest);
  }

  /** Writes the rejects table in input order. */
  private WriteRejects.Written writeRejects(
      JavaRDD<CheckedRecord> records, Broadcast<SerializableConfiguration> hadoop) {
    return records
        .filter(record -> record instanceof Rejected)
        .mapToPair(record -> new Tuple2<>(record.place(), (Rejected) record))
        .repartitionAndSortWithinPartitions(new HashPartitioner(1))
        .values()
        .mapPartitions(new WriteRejects(runFolder.toString(), hadoop))
        .collect()
        .get(0);
  }

  private void refuseTooManyRejects(
      Manifest.Run counts, double numUnread, Map<String, String> firstByReason) {
    boolean isNothingLeft = parent.isEmpty() && counts.rows() == 0;
    boolean isTooMuch =
        Double.isInfinite(numUnread)
            ? config.settings().maxRejectFraction() < 1
            : counts.numRejects() + numUnread
                > config.settings().maxRejectFraction() * (counts.inputRows() + numUnread);
    if (isNothingLeft || isTooMuch) {
      throw new InvalidInputException(RejectsMessage.of(config, counts, numUnread, firstByReason));
    }
  }

  private List<WriteShard.Written> writeShards(
      AcceptedRecords accepted, Broadcast<SerializableConfiguration> hadoop) {
    if (accepted.count() == 0) {
      return List.of();
    }
    int rowsPerShard =
        accepted.rowsPerShard(
            config.settings().rowsPerRowGroup(),
            config.settings().maxRowGroupBytes(),
            config.settings().targetShardBytes());
    int numShards = Math.toIntExact((accepted.count() - 1) / rowsPerShard + 1);
    Broadcast<SampleJudge> sharedJudge = spark.broadcast(judge);
    try {
      return accepted
          .numbered()
          .repartitionAndSortWithinPartitions(new ShardPartitioner(rowsPerShard, numShards))
          .mapPartitionsWithIndex(
              new WriteShard(
                  config.settings().rowsPerRowGroup(),
                  config.settings().maxRowGroupBytes(),
                  run,
                  runFolder.toString(),
                  sharedJudge,
                  accepted.count(),
                  hadoop),
              /* preservesPartitioning= */ false)
          .collect();
    } finally {
      sharedJudge.destroy();
    }
  }

  /**
   * Deletes packs and files of unused attempts. Readers ignore them and expiry deletes them, so
   * failures are only logged.
   */
  private void removeUnneeded(List<Manifest.Shard> written) {
    Set<String> needed = new HashSet<>(Set.of(DatasetLayout.REJECTS));
    written.forEach(shard -> needed.add(new Path(shard.file()).getName()));
    try {
      for (FileStatus file : dataset.fileSystem().listStatus(runFolder)) {
        if (!needed.contains(file.getPath().getName())) {
          dataset.fileSystem().delete(file.getPath(), /* recursive= */ true);
        }
      }
    } catch (IOException | RuntimeException e) {
      log.warn(
          "what is left in {} stays until 'tokenflex expire' removes it: {}",
          runFolder,
          e.toString());
    }
  }

  private void move(Path from, Path to) throws IOException {
    FileSystem fileSystem = dataset.fileSystem();
    if (!fileSystem.rename(from, to)) {
      throw new IOException("Cannot rename " + from + " to " + to);
    }
  }
}
