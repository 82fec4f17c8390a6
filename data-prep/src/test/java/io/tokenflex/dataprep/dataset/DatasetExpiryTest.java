package io.tokenflex.dataprep.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tokenflex.dataprep.prepare.DatasetPreparation;
import io.tokenflex.dataprep.testing.LlavaFolder;
import io.tokenflex.dataprep.testing.LocalSpark;
import io.tokenflex.dataprep.verify.DatasetVerification;
import io.tokenflex.storage.PartialNames;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DatasetExpiryTest {
  @TempDir private static Path prepared;
  private static SparkSession spark;

  @TempDir Path folder;
  private Path root;
  private DatasetFolder dataset;

  /** Versions 1 and 2 share a shard; version 3 was made anew with another seed. */
  @BeforeAll
  static void prepareThreeVersions() throws IOException {
    spark = LocalSpark.start(2);
    LlavaFolder llava = new LlavaFolder(prepared).addValid(3);
    DatasetPreparation.prepare(spark, llava.asLines().build());
    llava.add(llava.record("new")).addLine("broken");
    DatasetPreparation.prepare(spark, llava.asLines().build());
    DatasetPreparation.prepare(spark, llava.asLines().seed(8).overwriting().build());
  }

  @AfterAll
  static void stopSpark() {
    spark.stop();
  }

  /** A dataset names its files relative to itself, so that a copy is one. */
  @BeforeEach
  void copyDataset() throws IOException {
    Path from = prepared.resolve("out/dataset");
    root = folder.resolve("out/dataset");
    Files.createDirectories(root.getParent());
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, root.resolve(from.relativize(file)), StandardCopyOption.COPY_ATTRIBUTES);
      }
    }
    dataset = DatasetFolder.at(root.toUri().toString(), new Configuration());
  }

  private static Instant aged() {
    return Instant.now().plus(Duration.ofHours(1));
  }

  private static Instant dayBefore() {
    return Instant.now().minus(Duration.ofDays(1));
  }

  private List<String> expire(int keep, Instant before) throws IOException {
    List<String> told = new ArrayList<>();
    DatasetExpiry.plan(dataset, keep, before).carryOut(told::add);
    return told;
  }

  private void assertIntact() throws IOException {
    assertThat(DatasetVerification.verify(spark, dataset.toString(), Optional.empty()).faults())
        .isEmpty();
  }

  private List<String> files() throws IOException {
    try (Stream<Path> files = Files.walk(root)) {
      return files
          .filter(Files::isRegularFile)
          .map(file -> root.relativize(file).toString())
          .sorted()
          .toList();
    }
  }

  @Test
  void aVersionThatSharesShardsWithAnExpiredOneStaysWhole() throws IOException {
    dataset.withdraw(3);
    String first = dataset.read(1).run().folder();

    List<String> told = expire(1, aged());

    assertThat(dataset.versions()).containsExactly(2);
    assertThat(told).first().isEqualTo("withdrew version 1; runs pinned to it can still read it");
    assertThat(files())
        .contains(first + "/shard-00000.parquet", first + "/.shard-00000.parquet.crc")
        .doesNotContain(first + "/rejects.parquet", first + "/.rejects.parquet.crc");
    assertIntact();
  }

  @Test
  void aWithdrawnVersionCanBeReadUntilItsShardsGo() throws IOException {
    Manifest first = dataset.read(1);
    Manifest third = dataset.read(3);
    dataset.withdraw(3);
    expire(1, dayBefore());
    assertThat(dataset.read(1)).isEqualTo(first);
    assertThat(root.resolve("versions/00001.withdrawn.json")).exists();

    dataset.publish(third);
    expire(1, aged());

    assertThat(LlavaFolder.names(root.resolve("versions"))).containsExactly("00003.json");
    assertThatThrownBy(() -> dataset.read(1))
        .hasMessageContaining("has no version 1; it has [3]")
        .hasMessageContaining("withdrew");
    assertIntact();
  }

  @Test
  void aDamagedManifestOfAWithdrawnVersionIsRemoved() throws IOException {
    dataset.withdraw(3);
    expire(1, aged());
    Files.writeString(root.resolve("versions/00001.withdrawn.json"), "{");
    expire(1, aged());
    assertThat(LlavaFolder.names(root.resolve("versions"))).containsExactly("00002.json");
    assertIntact();
  }

  @Test
  void foldersThatNoVersionNamesGoWhole() throws IOException {
    String last = dataset.read(3).run().folder();
    DatasetExpiry plan = DatasetExpiry.plan(dataset, 1, aged());
    assertThat(plan.withdrawn()).containsExactly(1, 2);
    assertThat(plan.deleted()).hasSize(2);
    assertThat(plan.bytes()).isPositive();
    assertThat(dataset.versions()).as("a plan changes nothing").containsExactly(1, 2, 3);

    expire(1, aged());

    assertThat(files()).allMatch(file -> file.startsWith(last) || file.startsWith("versions/"));
    assertThat(LlavaFolder.names(root.resolve("data"))).hasSize(1);
    assertIntact();
  }

  @Test
  void aRunAtWorkKeepsItsFolderAndAKilledOneLosesIt() throws IOException {
    String working = dataset.createRun(4);
    Files.writeString(root.resolve(working).resolve("shard"), "written just now");
    String killed = dataset.createRun(4);
    Path left = Files.writeString(root.resolve(killed).resolve("shard"), "written long ago");
    Files.setLastModifiedTime(left, FileTime.from(Instant.now().minus(Duration.ofDays(2))));
    List<Path> partials =
        List.of(
            root.resolve("versions").resolve(PartialNames.next()),
            root.resolve("versions/.00004.json.123e4567-e89b-12d3-a456-426614174000"));
    for (Path partial : partials) {
      Files.writeString(partial, "{");
      Files.setLastModifiedTime(partial, FileTime.from(Instant.now().minus(Duration.ofDays(2))));
    }

    expire(3, dayBefore());

    assertThat(root.resolve(working)).exists();
    assertThat(root.resolve(killed)).doesNotExist();
    assertThat(partials).allSatisfy(partial -> assertThat(partial).doesNotExist());
    assertThat(dataset.versions()).containsExactly(1, 2, 3);
    assertIntact();
  }

  @Test
  void filesOfAVersionJustWithdrawnStayForItsReaders() throws IOException {
    List<String> before = files();
    assertThat(expire(1, dayBefore())).containsExactly("withdrew version 1", "withdrew version 2");
    assertThat(files()).containsAll(before.stream().filter(f -> f.startsWith("data/")).toList());
    assertThat(DatasetExpiry.plan(dataset, 1, dayBefore()).tooYoung()).hasSize(2);
    expire(1, aged());
    assertThat(LlavaFolder.names(root.resolve("data"))).hasSize(1);
  }

  @Test
  void aCrashInTheMiddleLeavesTheRemainingVersionsWhole() throws IOException {
    DatasetExpiry plan = DatasetExpiry.plan(dataset, 1, aged());
    List<String> told = new ArrayList<>();
    assertThatThrownBy(
            () ->
                plan.carryOut(
                    step -> {
                      told.add(step);
                      if (step.startsWith("deleted")) {
                        throw new IllegalStateException("killed");
                      }
                    }))
        .hasMessage("killed");
    assertThat(told).hasSize(3);
    assertThat(dataset.versions()).containsExactly(3);
    assertIntact();
    expire(1, aged());
    assertThat(LlavaFolder.names(root.resolve("data"))).hasSize(1);
  }

  @Test
  void whatAVersionPublishedMeanwhileNamesStays() throws IOException {
    var third = dataset.read(3);
    dataset.withdraw(3);
    DatasetExpiry plan = DatasetExpiry.plan(dataset, 2, aged());
    assertThat(plan.deleted()).hasSize(1);
    dataset.publish(third);
    plan.carryOut(step -> {});
    assertIntact();
  }

  @Test
  void theNewestVersionCannotBeExpired() {
    assertThatThrownBy(() -> DatasetExpiry.plan(dataset, 0, aged()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("keep is 0; at least the newest version has to stay");
  }

  @Test
  void nothingIsTouchedWhenAKeptVersionCannotBeRead() throws IOException {
    Files.writeString(root.resolve("versions/00003.json"), "{");
    List<String> before = files();
    assertThatThrownBy(() -> expire(1, aged()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("00003.json");
    assertThat(files()).isEqualTo(before);
  }
}
