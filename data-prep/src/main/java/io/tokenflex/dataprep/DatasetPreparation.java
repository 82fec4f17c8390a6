package io.tokenflex.dataprep;

import io.tokenflex.dataprep.PrepareSummary.Outcome;
import io.tokenflex.dataprep.shard.DatasetLayout;
import io.tokenflex.dataprep.shard.Manifest;
import io.tokenflex.dataprep.source.Digests;
import io.tokenflex.dataprep.source.ImageFolder;
import io.tokenflex.dataprep.source.InputFile;
import io.tokenflex.dataprep.source.InputSplit;
import io.tokenflex.dataprep.validate.CheckedRecord;
import io.tokenflex.dataprep.validate.CheckedRecord.Accepted;
import io.tokenflex.dataprep.validate.CheckedRecord.Rejected;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.HashPartitioner;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.storage.StorageLevel;
import org.apache.spark.util.SerializableConfiguration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.Tuple2;

/**
 * Makes a dataset folder from a LLaVA file and its images.
 *
 * <p>Only texts and digests travel between tasks. Each image is read twice: once to be decoded and
 * checked, once to be copied into its shard, where its digest is compared. Shards depend on the
 * input and the config alone, not on the number of tasks; a task that runs twice writes two files,
 * of which the driver publishes one.
 */
public final class DatasetPreparation {
  private static final Logger log = LoggerFactory.getLogger(DatasetPreparation.class);

  private final JavaSparkContext spark;
  private final PrepareConfig config;
  private final Broadcast<SerializableConfiguration> hadoop;

  private DatasetPreparation(SparkSession session, PrepareConfig config) {
    this.spark = JavaSparkContext.fromSparkContext(session.sparkContext());
    this.config = config;
    this.hadoop = spark.broadcast(new SerializableConfiguration(spark.hadoopConfiguration()));
  }

  /**
   * Prepares and publishes a dataset, or finds that it is published already.
   *
   * @throws IllegalArgumentException if the input cannot be read, the output holds something else,
   *     or too many records are rejected
   */
  public static PrepareSummary prepare(SparkSession session, PrepareConfig config)
      throws IOException {
    DatasetPreparation preparation = new DatasetPreparation(session, config);
    try {
      return preparation.prepare();
    } finally {
      preparation.hadoop.destroy();
    }
  }

  private PrepareSummary prepare() throws IOException {
    Configuration hadoopConfiguration = spark.hadoopConfiguration();
    Path input = new Path(config.input());
    Path imageRoot = new Path(config.imageFolder());
    Path output = new Path(config.output());
    InputFile.Index index = new InputFile(input.getFileSystem(hadoopConfiguration), input).index();
    if (index.numRecords() == 0) {
      throw new IllegalArgumentException("The input " + input + " holds no records");
    }
    ImageFolder images = new ImageFolder(imageRoot.getFileSystem(hadoopConfiguration), imageRoot);
    String inputFingerprint =
        Digests.sha256Hex(index.sha256() + '\n' + input.getName() + '\n' + images.fingerprint());

    FileSystem outputFileSystem = output.getFileSystem(hadoopConfiguration);
    try (OutputFolder folder = new OutputFolder(outputFileSystem, output)) {
      Optional<Manifest> present = folder.published();
      if (present.isPresent()) {
        if (isSame(present.get(), inputFingerprint)) {
          log.info("{} already holds this dataset; nothing to do", output);
          return new PrepareSummary(Outcome.ALREADY_PUBLISHED, present.get());
        }
        refuseUnlessOverwriting(present.get(), inputFingerprint);
      }
      folder.createStaging();
      Manifest manifest = write(index, inputFingerprint, outputFileSystem, folder.staging());
      folder.publish(present);
      log.info(
          "Published {}: {} samples in {} shards, {} of {} records rejected",
          output,
          manifest.rows(),
          manifest.shards().size(),
          manifest.inputRows() - manifest.rows(),
          manifest.inputRows());
      return new PrepareSummary(Outcome.PUBLISHED, manifest);
    }
  }

  private boolean isSame(Manifest present, String inputFingerprint) {
    return present.inputFingerprint().equals(inputFingerprint)
        && present.configDigest().equals(config.digest());
  }

  private void refuseUnlessOverwriting(Manifest present, String inputFingerprint) {
    if (config.overwrite()) {
      return;
    }
    String difference =
        present.inputFingerprint().equals(inputFingerprint)
            ? "with other settings (config digest %s, now %s)"
                .formatted(present.configDigest(), config.digest())
            : "from other input (fingerprint %s, now %s)"
                .formatted(present.inputFingerprint(), inputFingerprint);
    throw new IllegalArgumentException(
        "%s holds a dataset prepared %s; choose another output or set overwrite"
            .formatted(config.output(), difference));
  }

  private Manifest write(
      InputFile.Index index, String inputFingerprint, FileSystem fileSystem, Path staging)
      throws IOException {
    JavaRDD<InputSplit> splits = spark.parallelize(index.splits(), index.splits().size());
    // Kept on disk: decoding every image again for each of the jobs below would double the work.
    JavaRDD<CheckedRecord> checked =
        splits
            .flatMap(new CheckRecords(config, index.isArray(), hadoop))
            .persist(StorageLevel.DISK_ONLY());
    try {
      JavaRDD<CheckedRecord> unique = shuffleAndMarkDuplicates(checked);
      List<Long> acceptedByPartition = countAccepted(unique);
      long numAccepted = acceptedByPartition.stream().mapToLong(Long::longValue).sum();
      WriteRejects.Written rejects = writeRejects(checked.union(unique), staging);
      refuseTooManyRejects(index.numRecords(), rejects.rowsByReason());

      int numShards = Math.toIntExact((numAccepted - 1) / config.rowsPerShard() + 1);
      List<WrittenShard> written =
          unique
              .mapPartitionsWithIndex(
                  new NumberAccepted(acceptedByPartition), /* preservesPartitioning= */ false)
              .mapToPair(numbered -> numbered)
              .repartitionAndSortWithinPartitions(
                  new ShardPartitioner(config.rowsPerShard(), numShards))
              .mapPartitionsWithIndex(
                  new WriteShard(config, staging.toString(), hadoop),
                  /* preservesPartitioning= */ false)
              .collect();
      Manifest manifest = manifest(index, inputFingerprint, rejects.rowsByReason(), written);
      for (WrittenShard shard : written) {
        move(fileSystem, new Path(shard.attemptPath()), new Path(staging, shard.shard().file()));
      }
      Path rejectsPath = new Path(staging, DatasetLayout.REJECTS);
      fileSystem.mkdirs(rejectsPath.getParent());
      move(fileSystem, new Path(rejects.attemptPath()), rejectsPath);
      fileSystem.delete(new Path(staging, WriteShard.ATTEMPTS), /* recursive= */ true);
      manifest.write(fileSystem, staging);
      return manifest;
    } finally {
      checked.unpersist(/* blocking= */ false);
    }
  }

  private JavaRDD<CheckedRecord> shuffleAndMarkDuplicates(JavaRDD<CheckedRecord> checked) {
    long seed = config.seed();
    String sourceFile = new Path(config.input()).getName();
    JavaPairRDD<ShuffleKey, Accepted> keyed =
        checked
            .filter(record -> record instanceof Accepted)
            .mapToPair(
                record -> {
                  Accepted accepted = (Accepted) record;
                  return new Tuple2<>(ShuffleKey.of(seed, accepted), accepted);
                });
    return keyed
        .repartitionAndSortWithinPartitions(
            new ShuffleKey.RangePartitioner(Math.max(1, spark.defaultParallelism())))
        .values()
        .mapPartitions(records -> new DuplicateMarking(records, sourceFile));
  }

  private static List<Long> countAccepted(JavaRDD<CheckedRecord> unique) {
    return unique
        .mapPartitions(
            records -> {
              long count = 0;
              while (records.hasNext()) {
                count += records.next() instanceof Accepted ? 1 : 0;
              }
              return List.of(count).iterator();
            })
        .collect();
  }

  /** Writes the rejects in the order of the input. */
  private WriteRejects.Written writeRejects(JavaRDD<CheckedRecord> records, Path staging) {
    return records
        .filter(record -> record instanceof Rejected)
        .mapToPair(record -> new Tuple2<>(record.position(), (Rejected) record))
        .repartitionAndSortWithinPartitions(new HashPartitioner(1))
        .values()
        .mapPartitions(new WriteRejects(staging.toString(), hadoop))
        .collect()
        .get(0);
  }

  private void refuseTooManyRejects(long numRecords, Map<String, Long> rejects) {
    long numRejects = rejects.values().stream().mapToLong(Long::longValue).sum();
    if (numRejects == numRecords || numRejects > config.maxRejectFraction() * numRecords) {
      throw new IllegalArgumentException(
          "%d of %d records of %s were rejected (%s); at most %s of them may be. Check imageFolder %s"
                  .formatted(
                      numRejects,
                      numRecords,
                      config.input(),
                      rejects,
                      config.maxRejectFraction(),
                      config.imageFolder())
              + " and the input, or raise maxRejectFraction");
    }
  }

  private Manifest manifest(
      InputFile.Index index,
      String inputFingerprint,
      Map<String, Long> rejects,
      List<WrittenShard> written) {
    List<Manifest.Shard> shards = written.stream().map(WrittenShard::shard).toList();
    long rows = shards.stream().mapToLong(Manifest.Shard::rows).sum();
    long numRejects = rejects.values().stream().mapToLong(Long::longValue).sum();
    if (rows + numRejects != index.numRecords()) {
      throw new IllegalStateException(
          "%d records were read but %d samples and %d rejects came out; the input changed meanwhile,"
                  .formatted(index.numRecords(), rows, numRejects)
              + " run again");
    }
    return new Manifest(
        DatasetLayout.FORMAT_VERSION,
        rows,
        shards.stream().mapToLong(Manifest.Shard::images).sum(),
        shards.stream().mapToLong(Manifest.Shard::bytes).sum(),
        config.rowsPerRowGroup(),
        shards,
        index.numRecords(),
        new TreeMap<>(rejects),
        inputFingerprint,
        config.seed(),
        config.digest());
  }

  private static void move(FileSystem fileSystem, Path from, Path to) throws IOException {
    if (!fileSystem.rename(from, to)) {
      throw new IOException("Cannot rename " + from + " to " + to);
    }
  }
}
