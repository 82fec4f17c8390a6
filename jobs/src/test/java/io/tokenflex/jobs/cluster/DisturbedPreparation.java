package io.tokenflex.jobs.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenflex.dataprep.dataset.DatasetFolder;
import io.tokenflex.dataprep.dataset.Manifest;
import io.tokenflex.dataprep.shard.ParquetSampleSource;
import io.tokenflex.jobs.scenes.SampleDatasetConfig;
import io.tokenflex.jobs.scenes.SampleDatasetGenerator;
import io.tokenflex.samples.Sample;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/**
 * Preparing by the shaded jar on a master and two workers while processes are killed and stopped:
 * whatever happens, the dataset is that of an undisturbed run or there is none.
 */
abstract class DisturbedPreparation {
  static final int NUM_PICTURES = 280;
  private static final Configuration HADOOP = new Configuration();
  private static final Pattern SHARD_OR_REJECTS =
      Pattern.compile("(shard-\\d{5}(-\\d+-\\d+)?|rejects)\\.parquet");

  /** Of the undisturbed run: what was rendered for it, what came of it. */
  private static Path input;

  private static Path undisturbedFolder;
  private static Manifest undisturbed;
  private static StandaloneCluster cluster;

  @TempDir Path folder;
  private int numRuns;

  /** Where a run is hit, and the files of the run that then appear. */
  enum Point {
    CHECKING_RECORDS("packs", ""),
    WRITING_SHARDS("", "shard-");

    private final String folder;
    private final String prefix;

    Point(String folder, String prefix) {
      this.folder = folder;
      this.prefix = prefix;
    }
  }

  @BeforeAll
  static synchronized void prepareUndisturbed() throws Exception {
    cluster = StandaloneCluster.ofTwoMachines();
    if (undisturbed != null) {
      return;
    }
    Path shared = StandaloneCluster.sharedFolder().resolve("undisturbed");
    input = render(shared.resolve("input"), NUM_PICTURES);
    undisturbedFolder = shared.resolve("dataset");
    prepare(input, undisturbedFolder, shared.resolve("run"))
        .with("cluster.master=local[2]")
        .executeHere();
    undisturbed = newest(undisturbedFolder).orElseThrow();
    // A record of each sort of damage, and one with the id of another.
    assertThat(undisturbed.run().numRejects()).isEqualTo(7);
    assertThat(undisturbed.rows()).isEqualTo(NUM_PICTURES);
    assertThat(undisturbed.shards().size()).as("shards: work for a while").isGreaterThan(30);
  }

  /** So that the executors found later are those of the test's own run. */
  @BeforeEach
  final void awaitNoExecutors() throws Exception {
    cluster.awaitNoExecutors();
  }

  /** Renders pictures and records into a folder, which is returned. */
  static Path render(Path folder, int numPictures) throws IOException {
    new SampleDatasetGenerator(SampleDatasetConfig.ofSize(numPictures, 1, 1)).generate(folder);
    return folder;
  }

  private static Command prepare(Path input, Path output, Path run) {
    String inputs = "prepare.train.inputs=[{path=\"%1$s/train.json\",imageFolder=\"%1$s/images\"}]";
    return Command.onQuickstart("prepare")
        .with(
            inputs.formatted(input),
            "data.train=" + output,
            "prepare.heldout=null",
            "prepare.rowsPerRowGroup=8",
            "prepare.targetShardBytes=20KiB",
            "run.dir=" + run);
  }

  /** Prepares what the undisturbed run has prepared. */
  Command prepare(Path output) {
    return prepare(input, output);
  }

  /** Prepares other rendered pictures. */
  Command prepare(Path otherInput, Path output) {
    return prepare(otherInput, output, folder.resolve("run-" + ++numRuns));
  }

  static Submitted submit(Command command) throws IOException {
    return cluster.submit(command);
  }

  static Manifest undisturbed() {
    return undisturbed;
  }

  static Path undisturbedFolder() {
    return undisturbedFolder;
  }

  static List<ProcessHandle> executors() {
    return cluster.executors();
  }

  static void assertSameAsUndisturbed(Path output) throws Exception {
    Manifest manifest = assertPublishedAsUndisturbed(output);
    assertThat(filesOf(output, manifest))
        .as("shards and rejects, nothing else")
        .hasSize(manifest.shards().size() + 1);
  }

  /**
   * As {@link #assertSameAsUndisturbed}, but a shard's second attempt may have been at work when
   * the driver cleared up: its file is in no manifest, and {@code expire} deletes it.
   */
  static void assertSameAsUndisturbedBesideLateAttempts(Path output) throws Exception {
    Manifest manifest = assertPublishedAsUndisturbed(output);
    assertThat(filesOf(output, manifest))
        .as("shards and rejects, nothing else")
        .allMatch(file -> SHARD_OR_REJECTS.matcher(file.getFileName().toString()).matches());
  }

  private static Manifest assertPublishedAsUndisturbed(Path output) throws Exception {
    Manifest manifest = newest(output).orElseThrow();
    assertThat(manifest.version()).isEqualTo(1);
    assertThat(manifest.contentFingerprint()).isEqualTo(undisturbed.contentFingerprint());
    assertThat(manifest.run().rejects()).isEqualTo(undisturbed.run().rejects());
    assertThat(output.resolve(manifest.run().rejectsFile()))
        .hasSameBinaryContentAs(undisturbedFolder.resolve(undisturbed.run().rejectsFile()));
    assertWhole(output, manifest);
    return manifest;
  }

  private static List<Path> filesOf(Path output, Manifest manifest) throws IOException {
    try (Stream<Path> files = Files.list(output.resolve(manifest.run().folder()))) {
      return files.filter(file -> !file.getFileName().toString().endsWith(".crc")).toList();
    }
  }

  /** Every shard has the bytes it was published with, and every sample can be read, once. */
  static void assertWhole(Path output, Manifest manifest)
      throws IOException, GeneralSecurityException {
    for (Manifest.Shard shard : manifest.shards()) {
      byte[] bytes = Files.readAllBytes(output.resolve(shard.file()));
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(bytes);
      assertThat(HexFormat.of().formatHex(digest)).as(shard.file()).isEqualTo(shard.sha256());
    }
    List<String> ids = new ArrayList<>();
    try (ParquetSampleSource source =
        ParquetSampleSource.open(output.toString(), Optional.of(manifest.version()), HADOOP)) {
      for (int i = 0; i < source.numRowGroups(); i++) {
        source.readRowGroup(i).stream().map(Sample::id).forEach(ids::add);
      }
    }
    assertThat(ids).hasSize((int) manifest.rows()).doesNotHaveDuplicates();
  }

  static DatasetFolder at(Path output) throws IOException {
    return DatasetFolder.at(output.toString(), HADOOP);
  }

  static Optional<Manifest> newest(Path output) throws IOException {
    return at(output).newest();
  }

  /** Folders of runs, published or not. */
  static List<Path> runs(Path output) throws IOException {
    Path data = output.resolve("data");
    if (!Files.exists(data)) {
      return List.of();
    }
    try (Stream<Path> runs = Files.list(data)) {
      return runs.toList();
    }
  }

  /** Names of the files that a run which has published nothing wrote so far. */
  private static Stream<String> files(Path output, Point point) throws IOException {
    List<String> published =
        newest(output).stream()
            .flatMap(manifest -> manifest.shards().stream())
            .map(shard -> Path.of(shard.file()).getParent().getFileName().toString())
            .toList();
    List<String> names = new ArrayList<>();
    for (Path run : runs(output)) {
      Path written = run.resolve(point.folder);
      if (!published.contains(run.getFileName().toString()) && Files.exists(written)) {
        try (Stream<Path> files = Files.list(written)) {
          files
              .map(file -> file.getFileName().toString())
              .filter(name -> !name.startsWith(".") && name.startsWith(point.prefix))
              .forEach(names::add);
        }
      }
    }
    return names.stream();
  }

  /** Waits until a task writes there; the run cannot be through with it. */
  static void awaitFilesAt(Point point, Path output, Submitted run) throws Exception {
    run.awaitWhileRunning(
        "files in " + point.folder, () -> files(output, point).findAny().isPresent());
  }
}
