package io.tokenflex.jobs.pages.inspect;

import io.tokenflex.batches.SampleEncoder;
import io.tokenflex.dataprep.dataset.DatasetFolder;
import io.tokenflex.dataprep.dataset.Manifest;
import io.tokenflex.dataprep.shard.ParquetSampleSource;
import io.tokenflex.dataprep.storage.LiteralPath;
import io.tokenflex.jobs.pages.inspect.RejectExamples.Example;
import io.tokenflex.jobs.samples.SampleLimits;
import io.tokenflex.text.HuggingFaceTokenizer;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.SerializableConfiguration;
import scala.Tuple2;

/**
 * Looks through a dataset on Spark. Image bytes are read for the few samples that are shown; what
 * comes back to the driver does not grow with the dataset.
 */
public final class InspectJob {
  private static final int MAX_CARDS = 24;

  private final SparkSession session;
  private final DatasetFolder dataset;
  private final Manifest manifest;

  /** A file that the dataset's manifest names is not there, or not whole. */
  public static final class LostShardException extends RuntimeException {
    private static final long serialVersionUID = 1;

    LostShardException(String message) {
      super(message);
    }
  }

  private InspectJob(SparkSession session, DatasetFolder dataset, Manifest manifest) {
    this.session = session;
    this.dataset = dataset;
    this.manifest = manifest;
  }

  /**
   * Inspects a version, the newest one if none is named.
   *
   * @throws IllegalArgumentException if the folder holds no such version
   * @throws LostShardException if a shard is not there
   */
  public static Inspection run(
      SparkSession session, String folder, Optional<Integer> version, TokenCounting counting)
      throws IOException {
    DatasetFolder dataset = DatasetFolder.at(folder, session.sparkContext().hadoopConfiguration());
    dataset.requireVersions(); // a folder that is no dataset says so, whatever version is named
    return new InspectJob(session, dataset, dataset.require(version)).run(counting);
  }

  private Inspection run(TokenCounting counting) throws IOException {
    requireShards();
    List<Manifest> versions = versions();
    List<Manifest> lineage = lineage(versions);
    Map<String, Long> rejects = new TreeMap<>();
    for (Manifest version : lineage) {
      version.run().rejects().forEach((reason, count) -> rejects.merge(reason, count, Long::sum));
    }
    JavaSparkContext spark = JavaSparkContext.fromSparkContext(session.sparkContext());
    Broadcast<SerializableConfiguration> hadoop =
        spark.broadcast(new SerializableConfiguration(spark.hadoopConfiguration()));
    Broadcast<TokenCounting> shared = spark.broadcast(counting);
    try {
      return new Inspection(
          dataset.toString(),
          manifest,
          versions,
          rejects,
          examples(lineage),
          statistics(shared),
          counting,
          cards(spark, hadoop));
    } finally {
      hadoop.destroy();
      shared.destroy();
    }
  }

  /** A missing file is named here, in words; Spark would speak of it at length. */
  private void requireShards() throws IOException {
    for (Manifest.Shard shard : manifest.shards()) {
      Path path = dataset.pathOf(shard.file());
      try {
        FileStatus status = dataset.fileSystem().getFileStatus(path);
        if (status.getLen() != shard.bytes()) {
          throw new LostShardException(
              String.format(
                  Locale.ROOT,
                  "%s has %d bytes but the manifest says %d; './tokenflex verify %s' tells more",
                  path,
                  status.getLen(),
                  shard.bytes(),
                  dataset));
        }
      } catch (FileNotFoundException e) {
        throw new LostShardException(
            "%s is lost; './tokenflex verify %s' tells what else is".formatted(path, dataset));
      }
    }
  }

  /** Every published version that can be read, ascending. */
  private List<Manifest> versions() throws IOException {
    List<Manifest> versions = new ArrayList<>();
    for (int version : dataset.versions()) {
      try {
        versions.add(dataset.read(version));
      } catch (IllegalArgumentException e) {
        if (version == manifest.version()) {
          throw e;
        }
        // Another version's fault is verify's to tell.
      }
    }
    return versions;
  }

  /** This version and those it was built on, as far as they are still there; newest first. */
  private List<Manifest> lineage(List<Manifest> versions) {
    List<Manifest> lineage = new ArrayList<>();
    int wanted = manifest.version();
    for (int i = versions.size() - 1; i >= 0; i--) {
      if (versions.get(i).version() == wanted) {
        lineage.add(versions.get(i));
        wanted = versions.get(i).parent();
      }
    }
    return lineage;
  }

  private Map<String, RejectExamples> examples(List<Manifest> lineage) throws IOException {
    List<String> tables = new ArrayList<>();
    for (Manifest version : lineage) {
      Path table = dataset.pathOf(version.run().rejectsFile());
      if (version.run().numRejects() > 0 && dataset.fileSystem().exists(table)) {
        tables.add(LiteralPath.of(table.toString()));
      }
    }
    if (tables.isEmpty()) {
      return Map.of();
    }
    return session
        .read()
        .parquet(tables.toArray(String[]::new))
        .select("reason", "id", "sourceFile", "position", "detail", "valueSample")
        .toJavaRDD()
        .mapToPair(
            row ->
                new Tuple2<>(
                    row.getString(0),
                    new RejectExamples(
                        List.of(
                            new Example(
                                row.getString(1),
                                row.getString(2),
                                row.getLong(3),
                                row.getString(4),
                                row.getString(5))))))
        .reduceByKey(RejectExamples::plus)
        .collectAsMap();
  }

  private DatasetStatistics statistics(Broadcast<TokenCounting> counting) {
    DatasetStatistics none = new DatasetStatistics(counting.value().counts());
    if (manifest.shards().isEmpty()) {
      return none;
    }
    return columns(session, dataset, manifest)
        .toJavaRDD()
        .mapPartitions(
            rows -> {
              DatasetStatistics part = new DatasetStatistics(counting.value().counts());
              SampleLimits limits = counting.value().limits();
              try (HuggingFaceTokenizer tokenizer = limits.text().openTokenizer()) {
                SampleEncoder encoder = limits.encoder(tokenizer);
                rows.forEachRemaining(row -> part.add(row, encoder));
              }
              return Collections.singleton(part).iterator();
            })
        .fold(none, DatasetStatistics::plus);
  }

  /** The columns that statistics need: Parquet reads no others. */
  static Dataset<Row> columns(SparkSession session, DatasetFolder dataset, Manifest manifest) {
    String[] shards =
        manifest.shards().stream()
            .map(shard -> LiteralPath.of(dataset.pathOf(shard.file()).toString()))
            .toArray(String[]::new);
    List<String> columns = DatasetStatistics.COLUMNS;
    return session
        .read()
        .parquet(shards)
        .select(columns.get(0), columns.subList(1, columns.size()).toArray(String[]::new));
  }

  private List<SampleCard> cards(
      JavaSparkContext spark, Broadcast<SerializableConfiguration> hadoop) throws IOException {
    List<PickSamples.Picks> picks;
    try (ParquetSampleSource source =
        ParquetSampleSource.open(
            dataset.toString(), Optional.of(manifest.version()), hadoop.value().value())) {
      picks = PickSamples.choose(source, manifest.seed(), MAX_CARDS);
    }
    if (picks.isEmpty()) {
      return List.of();
    }
    return spark
        .parallelize(picks, picks.size())
        .flatMap(new PickSamples(dataset.toString(), manifest.version(), hadoop))
        .collect()
        .stream()
        .sorted(Comparator.comparingLong(SampleCard::row))
        .toList();
  }
}
