package io.tokenflex.jobs.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenflex.dataprep.dataset.DatasetFolder;
import io.tokenflex.dataprep.dataset.Manifest;
import io.tokenflex.dataprep.shard.ParquetSampleSource;
import io.tokenflex.jobs.scenes.SampleDatasetConfig;
import io.tokenflex.jobs.scenes.SampleDatasetGenerator;
import io.tokenflex.samples.Sample;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Preparing by the shaded jar on a master and two workers while processes are killed and stopped:
 * whatever happens, the dataset is that of an undisturbed run or there is none.
 */
class PrepareIT {
  private static final Duration DEADLINE = Duration.ofMinutes(3);
  private static final Configuration HADOOP = new Configuration();
  private static final int NUM_PICTURES = 600;
  private static final Pattern SECOND_ATTEMPT = Pattern.compile("Starting task \\d+\\.1 in stage");

  /** Where a run is hit, and the files of the run that then appear. */
  private enum Point {
    CHECKING_RECORDS("packs", ""),
    WRITING_SHARDS("", "shard-");

    private final String folder;
    private final String prefix;

    Point(String folder, String prefix) {
      this.folder = folder;
      this.prefix = prefix;
    }
  }

  @TempDir static Path folder;
  private static StandaloneCluster cluster;
  private static Manifest undisturbed;
  private static int numSubmits;

  @BeforeAll
  static void prepareUndisturbed() throws IOException, InterruptedException {
    cluster = StandaloneCluster.startOn(folder, List.of("127.0.0.1", "127.0.0.2"), "1g");
    new SampleDatasetGenerator(SampleDatasetConfig.ofSize(NUM_PICTURES, 1, 1))
        .generate(folder.resolve("input"));
    submit("undisturbed", List.of()).endsWith(0);
    undisturbed = newest("undisturbed").orElseThrow();
    // A record of each sort of damage, and one with the id of another.
    assertThat(undisturbed.run().numRejects()).isEqualTo(7);
    assertThat(undisturbed.rows()).isEqualTo(NUM_PICTURES);
    assertThat(undisturbed.shards().size()).as("shards: work for a while").isGreaterThan(40);
  }

  @AfterAll
  static void stopCluster() {
    cluster.close();
  }

  /** So that the executors found later are those of the test's own run. */
  @BeforeEach
  void awaitNoExecutors() throws Exception {
    await("executors of earlier runs gone", () -> cluster.executors().isEmpty());
  }

  @Test
  void aRunThatLosesAnExecutorAtEitherPointWritesTheSameDataset() throws Exception {
    String output = "lost-executors";
    Run run = submit(output, List.of());
    run.awaitFilesAt(Point.CHECKING_RECORDS);
    List<ProcessHandle> executors = cluster.executors();
    assertThat(executors).as("one executor on each worker").hasSize(2);
    assertThat(executors.get(0).destroyForcibly()).as("SIGKILL sent").isTrue();
    run.awaitFilesAt(Point.WRITING_SHARDS);
    assertThat(executors.get(1).destroyForcibly()).as("SIGKILL sent").isTrue();

    run.endsWith(0);
    assertThat(run.log().lines().filter(line -> line.contains("ERROR TaskSchedulerImpl: Lost")))
        .hasSize(2);
    assertSameAsUndisturbed(output);
  }

  @Test
  void aRunThatIsKilledAtEitherPointPublishesNothingAndTheNextOneTheSameDataset() throws Exception {
    String output = "killed";
    for (Point point : Point.values()) {
      Run run = submit(output, List.of());
      run.awaitFilesAt(point);
      run.kill();
      assertThat(newest(output)).as("killed while %s", point).isEmpty();
    }
    submit(output, List.of()).endsWith(0);
    assertSameAsUndisturbed(output);
    assertThat(at(output).unpublishedRuns()).as("what the killed runs left").hasSize(2);
  }

  @Test
  void aRunThatIsKilledWhileItAddsLeavesTheVersionBefore() throws Exception {
    String output = "grown";
    copy(folder.resolve("undisturbed"), folder.resolve(output));
    int numMore = 100;
    // The same pictures and some more, in another place.
    new SampleDatasetGenerator(SampleDatasetConfig.ofSize(NUM_PICTURES + numMore, 1, 1))
        .generate(folder.resolve("grown-input"));
    List<String> grown = input("grown-input");

    Run run = submit(output, grown);
    run.awaitFilesAt(Point.WRITING_SHARDS);
    run.kill();
    assertThat(newest(output)).contains(undisturbed);
    assertWhole(output, undisturbed);

    submit(output, grown).endsWith(0);
    Manifest second = newest(output).orElseThrow();
    assertThat(second.version()).isEqualTo(2);
    assertThat(second.run().alreadyPresent()).isEqualTo(NUM_PICTURES);
    assertThat(second.run().rows()).isEqualTo(numMore);
    assertWhole(output, second);
    assertWhole(output, undisturbed);
  }

  @Test
  void ofTwoRunsAtOnceOnePublishesAndTheOtherEndsWithStatusFive() throws Exception {
    String output = "twice";
    List<String> oneExecutor = List.of("cluster.executors=1");
    Run first = submit(output, oneExecutor);
    await("the first run's folder", () -> first.isAlive() && runs(output).size() == 1);
    first.signal("STOP");
    Run second = submit(output, oneExecutor);
    await("the second run's folder", () -> second.isAlive() && runs(output).size() == 2);
    first.signal("CONT");

    assertThat(List.of(first.exitStatus(), second.exitStatus())).containsExactlyInAnyOrder(0, 5);
    Run loser = first.exitStatus() == 5 ? first : second;
    assertThat(loser.log()).contains("was published by another run").contains("Run again");
    assertSameAsUndisturbed(output);
    assertThat(runs(output)).as("the loser's files are gone").hasSize(1);
  }

  @Test
  void aTaskThatRunsTwiceAtOnceChangesNothing() throws Exception {
    String output = "speculative";
    Run run =
        submit(
            output,
            List.of(),
            "spark.speculation=true",
            "spark.speculation.interval=50ms",
            "spark.speculation.quantile=0.2",
            "spark.speculation.multiplier=1.2");
    run.awaitFilesAt(Point.CHECKING_RECORDS);
    ProcessHandle slow = cluster.executors().get(1);
    signal(slow, "STOP");
    int loggedBefore = run.log().length();
    try {
      // The stopped attempt goes on while this one runs: both write a pack for the same split.
      await(
          "a second attempt",
          () -> run.isAlive() && SECOND_ATTEMPT.matcher(run.log().substring(loggedBefore)).find());
    } finally {
      signal(slow, "CONT");
    }

    run.endsWith(0);
    assertSameAsUndisturbed(output);
  }

  private static void assertSameAsUndisturbed(String output) throws Exception {
    Manifest manifest = newest(output).orElseThrow();
    assertThat(manifest.version()).isEqualTo(1);
    assertThat(manifest.contentFingerprint()).isEqualTo(undisturbed.contentFingerprint());
    assertThat(manifest.run().rejects()).isEqualTo(undisturbed.run().rejects());
    assertThat(folder.resolve(output).resolve(manifest.run().rejectsFile()))
        .hasSameBinaryContentAs(
            folder.resolve("undisturbed").resolve(undisturbed.run().rejectsFile()));
    assertWhole(output, manifest);
    try (Stream<Path> files = Files.list(folder.resolve(output).resolve(manifest.run().folder()))) {
      assertThat(files.filter(file -> !file.getFileName().toString().endsWith(".crc")))
          .as("shards and rejects, nothing else")
          .hasSize(manifest.shards().size() + 1);
    }
  }

  /** Every shard has the bytes it was published with, and every sample can be read, once. */
  private static void assertWhole(String output, Manifest manifest)
      throws IOException, GeneralSecurityException {
    for (Manifest.Shard shard : manifest.shards()) {
      byte[] bytes = Files.readAllBytes(folder.resolve(output).resolve(shard.file()));
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(bytes);
      assertThat(HexFormat.of().formatHex(digest)).as(shard.file()).isEqualTo(shard.sha256());
    }
    List<String> ids = new ArrayList<>();
    try (ParquetSampleSource source =
        ParquetSampleSource.open(
            folder.resolve(output).toString(), Optional.of(manifest.version()), HADOOP)) {
      for (int i = 0; i < source.numRowGroups(); i++) {
        source.readRowGroup(i).stream().map(Sample::id).forEach(ids::add);
      }
    }
    assertThat(ids).hasSize((int) manifest.rows()).doesNotHaveDuplicates();
  }

  private static DatasetFolder at(String output) throws IOException {
    return DatasetFolder.at(folder.resolve(output).toString(), HADOOP);
  }

  private static Optional<Manifest> newest(String output) throws IOException {
    return at(output).newest();
  }

  /** Folders of runs, published or not. */
  private static List<Path> runs(String output) throws IOException {
    Path data = folder.resolve(output).resolve("data");
    if (!Files.exists(data)) {
      return List.of();
    }
    try (Stream<Path> runs = Files.list(data)) {
      return runs.toList();
    }
  }

  /** Names of the files that a run which has published nothing wrote so far. */
  private static Stream<String> files(String output, Point point) throws IOException {
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

  private static List<String> input(String name) {
    String input = "{path=\"%s/train.json\",imageFolder=\"%s/images\"}";
    Path path = folder.resolve(name);
    return List.of("prepare.train.inputs=[" + input.formatted(path, path) + "]");
  }

  private static Run submit(String output, List<String> settings, String... sparkSettings)
      throws IOException {
    List<String> all = new ArrayList<>(input("input"));
    all.add("data.train=" + folder.resolve(output));
    all.add("prepare.heldout=null");
    all.add("prepare.rowsPerRowGroup=8");
    all.add("prepare.targetShardBytes=20KiB");
    all.add("run.dir=" + folder.resolve("run-" + ++numSubmits));
    all.add("cluster.executorMemory=512m");
    all.addAll(settings);
    List<String> arguments = new ArrayList<>(List.of("prepare"));
    arguments.addAll(List.of("--conf", Path.of("..", "conf", "quickstart.conf").toString()));
    all.forEach(setting -> arguments.addAll(List.of("--set", setting)));
    List<String> spark = new ArrayList<>(List.of("--conf", "spark.ui.enabled=false"));
    for (String setting : sparkSettings) {
      spark.addAll(List.of("--conf", setting));
    }
    Path log = folder.resolve("submit-" + numSubmits + ".log");
    return new Run(output, cluster.submit(log, spark, arguments), log);
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(from.relativize(file)));
      }
    }
  }

  private static void signal(ProcessHandle process, String signal)
      throws IOException, InterruptedException {
    int status =
        new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid()))
            .inheritIO()
            .start()
            .waitFor();
    assertThat(status).as("SIG" + signal + " sent").isZero();
  }

  private static void await(String what, Callable<Boolean> condition) throws Exception {
    Instant deadline = Instant.now().plus(DEADLINE);
    while (!condition.call()) {
      assertThat(Instant.now()).as(what + " in time").isBefore(deadline);
      TimeUnit.MILLISECONDS.sleep(10);
    }
  }

  /** A submitted preparation: its driver is a process of its own. */
  private record Run(String output, Process driver, Path logFile) {
    /** Waits until a task writes there; the run cannot be through with it. */
    void awaitFilesAt(Point point) throws Exception {
      await(
          "files in " + point.folder,
          () -> isAlive() && files(output, point).findAny().isPresent());
    }

    boolean isAlive() {
      assertThat(driver.isAlive()).as(() -> "still preparing:\n" + log()).isTrue();
      return true;
    }

    void kill() throws InterruptedException {
      assertThat(driver.destroyForcibly().waitFor()).as("killed by SIGKILL").isEqualTo(128 + 9);
    }

    void signal(String signal) throws IOException, InterruptedException {
      PrepareIT.signal(driver.toHandle(), signal);
    }

    int exitStatus() throws InterruptedException {
      assertThat(driver.waitFor(DEADLINE.toSeconds(), TimeUnit.SECONDS))
          .as(() -> "ended in time:\n" + log())
          .isTrue();
      return driver.exitValue();
    }

    void endsWith(int status) throws InterruptedException {
      assertThat(exitStatus()).as(this::log).isEqualTo(status);
    }

    String log() {
      try {
        return Files.readString(logFile, StandardCharsets.UTF_8);
      } catch (IOException e) {
        return e.toString();
      }
    }
  }
}
