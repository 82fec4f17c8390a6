package io.tokenflex.dataprep.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tokenflex.checkpoint.RunBusyException;
import io.tokenflex.checkpoint.WriterLease;
import io.tokenflex.dataprep.dataset.DatasetFolder;
import io.tokenflex.dataprep.dataset.Manifest;
import io.tokenflex.dataprep.dataset.VersionConflictException;
import io.tokenflex.dataprep.input.InputConfig;
import io.tokenflex.dataprep.prepare.DatasetPreparation;
import io.tokenflex.dataprep.prepare.PrepareSummary;
import io.tokenflex.dataprep.prepare.PrepareSummary.Outcome;
import io.tokenflex.dataprep.shard.ParquetSampleSource;
import io.tokenflex.dataprep.testing.LlavaFolder;
import io.tokenflex.dataprep.testing.LocalSpark;
import io.tokenflex.dataprep.testing.TestConfig;
import io.tokenflex.samples.Sample;
import io.tokenflex.storage.Storage;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What preparing a dataset asks of a file system that holds its input and its output, and a run of
 * the folder of its checkpoints, beside what every storage promises.
 */
abstract class DatasetStorageContract extends StorageContract {
  private static final int NUM_RIVALS = 4;
  private static final int NUM_VERSIONS = 20;
  private static final Duration LEASE = Duration.ofMinutes(10);

  @TempDir java.nio.file.Path local;
  private SparkSession spark;
  private FileSystem storage;
  private Path root;

  /** Settings to reach the file system. */
  abstract Configuration configuration();

  /** A folder of its own for each test, with scheme. */
  abstract Path newRoot();

  @BeforeEach
  void open() throws IOException {
    root = newRoot();
    storage = root.getFileSystem(configuration());
  }

  @AfterEach
  void close() {
    if (spark != null) {
      spark.stop();
    }
  }

  @Override
  Storage newStorage() throws IOException {
    return new HadoopStorage(newRoot().toString(), configuration());
  }

  private SparkSession spark() {
    if (spark == null) {
      spark = LocalSpark.start(2);
      Configuration hadoop = spark.sparkContext().hadoopConfiguration();
      configuration().forEach(setting -> hadoop.set(setting.getKey(), setting.getValue()));
    }
    return spark;
  }

  @Test
  void aDatasetIsTheSameAsOnTheLocalFileSystemAndGrows() throws IOException {
    LlavaFolder llava = new LlavaFolder(local).addValid(11);
    llava.add(llava.record("no picture").put("image", "nowhere.png"));
    llava.asLines();
    upload("part-0.jsonl");
    PrepareSummary first = prepare();
    assertThat(first.outcome()).isEqualTo(Outcome.PUBLISHED);
    String disk = local.toUri().toString();
    Manifest onDisk = prepare(disk + "in", disk + "images", disk + "out").manifest();
    assertThat(first.manifest().contentFingerprint()).isEqualTo(onDisk.contentFingerprint());
    assertThat(prepare().outcome()).as("again").isEqualTo(Outcome.NOTHING_NEW);

    LlavaFolder more = new LlavaFolder(local);
    more.add(more.record("new 1")).add(more.record("new 2")).asLines();
    upload("part-1.jsonl");
    Manifest second = prepare().manifest();

    assertThat(second.version()).isEqualTo(2);
    assertThat(second.inputs()).hasSize(2);
    // New pictures may belong to records of the first file, so that is read again.
    assertThat(second.run().alreadyPresent()).isEqualTo(11);
    assertThat(second.run().rows()).isEqualTo(2);
    assertThat(ids(1)).hasSize(11);
    assertThat(ids(2)).hasSize(13).startsWith(ids(1).toArray(String[]::new)).contains("new 2");
    assertThat(names(new Path(output(), second.run().folder())))
        .containsExactly("rejects.parquet", "shard-00000.parquet");
  }

  @Test
  void aTakenVersionIsNotReplaced() throws IOException {
    new LlavaFolder(local).addValid(5).asLines();
    upload("part-0.jsonl");
    Manifest first = prepare().manifest();
    assertThatThrownBy(() -> dataset().publish(signed(first, 1, "a rival")))
        .isInstanceOf(VersionConflictException.class)
        .hasMessageContaining("was published by another run");
    assertThat(dataset().newest()).contains(first);
    assertThat(names(new Path(output(), "versions"))).containsExactly("00001.json");
  }

  @Test
  void ofSeveralThatPublishAtOnceExactlyOneWins() throws Exception {
    new LlavaFolder(local).addValid(1).asLines();
    upload("part-0.jsonl");
    Manifest first = prepare().manifest();
    CyclicBarrier start = new CyclicBarrier(NUM_RIVALS);
    ExecutorService rivals = Executors.newFixedThreadPool(NUM_RIVALS);
    try {
      for (int version = 2; version <= NUM_VERSIONS; version++) {
        List<Future<Boolean>> wins = new ArrayList<>();
        for (int rival = 0; rival < NUM_RIVALS; rival++) {
          Manifest manifest = signed(first, version, "rival " + rival);
          wins.add(
              rivals.submit(
                  () -> {
                    DatasetFolder dataset = dataset();
                    start.await(1, TimeUnit.MINUTES);
                    return isPublished(dataset, manifest);
                  }));
        }
        List<Integer> winners = new ArrayList<>();
        for (int rival = 0; rival < NUM_RIVALS; rival++) {
          if (wins.get(rival).get(1, TimeUnit.MINUTES)) {
            winners.add(rival);
          }
        }
        assertThat(winners).as("winners of version %d", version).hasSize(1);
        assertThat(dataset().read(version).createdAt()).isEqualTo("rival " + winners.get(0));
      }
    } finally {
      rivals.shutdownNow();
    }
    assertThat(names(new Path(output(), "versions")))
        .as("nothing is left behind")
        .hasSize(NUM_VERSIONS);
  }

  @Test
  void oneTrainCommandWorksOnARunOfItAndItsAttemptsAreNumbered() throws Exception {
    Storage checkpoints = newStorage();
    try (WriterLease lease = WriterLease.take(checkpoints, LEASE)) {
      assertThatThrownBy(() -> WriterLease.take(checkpoints, LEASE))
          .isInstanceOf(RunBusyException.class);
      assertThat(lease.beginAttempt().number()).isEqualTo(2);
      assertThat(lease.beginAttempt().number()).isEqualTo(3);
    }
    WriterLease.take(checkpoints, LEASE).close();
  }

  @Test
  void aRunThatIsRefusedLeavesNothing() throws IOException {
    LlavaFolder llava = new LlavaFolder(local);
    llava.add(llava.record("no picture").put("image", "nowhere.png")).asLines();
    upload("part-0.jsonl");
    assertThatThrownBy(this::prepare).hasMessageContaining("1 of 1 records");
    assertThat(storage.exists(output())).isFalse();
  }

  private static boolean isPublished(DatasetFolder dataset, Manifest manifest) throws IOException {
    try {
      dataset.publish(manifest);
      return true;
    } catch (VersionConflictException e) {
      return false;
    }
  }

  /** A manifest that tells who wrote it. */
  private static Manifest signed(Manifest manifest, int version, String signature) {
    return new Manifest(
        manifest.formatVersion(),
        version,
        manifest.parent(),
        signature,
        manifest.rows(),
        manifest.images(),
        manifest.bytes(),
        manifest.rowsPerRowGroup(),
        manifest.shards(),
        manifest.run(),
        manifest.inputs(),
        manifest.seed(),
        manifest.dedup(),
        manifest.configDigest(),
        null);
  }

  private Path output() {
    return new Path(root, "out/dataset");
  }

  private DatasetFolder dataset() throws IOException {
    return DatasetFolder.at(output().toString(), configuration());
  }

  /** Copies the local folder's input, under a name of its own, and its pictures. */
  private void upload(String name) throws IOException {
    java.nio.file.Path input = Files.createDirectories(local.resolve("in")).resolve(name);
    Files.move(local.resolve("input.jsonl"), input);
    storage.copyFromLocalFile(new Path(input.toUri()), new Path(root, "in/" + name));
    for (String image : LlavaFolder.names(local.resolve("images"))) {
      storage.copyFromLocalFile(
          new Path(local.resolve("images").resolve(image).toUri()),
          new Path(root, "images/" + image));
    }
  }

  private PrepareSummary prepare() throws IOException {
    return prepare(root + "/in", root + "/images", output().toString());
  }

  private PrepareSummary prepare(String folder, String images, String output) throws IOException {
    TestConfig config = new TestConfig().inputs(InputConfig.of(folder + "/part-*.jsonl", images));
    return DatasetPreparation.prepare(spark(), config.output(output).build());
  }

  private List<String> ids(int version) throws IOException {
    List<String> ids = new ArrayList<>();
    try (ParquetSampleSource source =
        ParquetSampleSource.open(output().toString(), Optional.of(version), configuration())) {
      for (int i = 0; i < source.numRowGroups(); i++) {
        source.readRowGroup(i).stream().map(Sample::id).forEach(ids::add);
      }
    }
    return ids;
  }

  private List<String> names(Path folder) throws IOException {
    List<String> names = new ArrayList<>();
    for (FileStatus file : storage.listStatus(folder)) {
      names.add(file.getPath().getName());
    }
    names.sort(null);
    return names;
  }
}
