package io.tokenflex.dataprep.prepare;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenflex.dataprep.dataset.DatasetFolder;
import io.tokenflex.dataprep.dataset.Manifest;
import io.tokenflex.dataprep.storage.DatasetStateUnknownException;
import io.tokenflex.dataprep.testing.FaultyFileSystem;
import io.tokenflex.dataprep.testing.FaultyFileSystem.Moment;
import io.tokenflex.dataprep.testing.LlavaFolder;
import io.tokenflex.dataprep.testing.LocalSpark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Storage that fails at every call in turn, once or for good. */
class DatasetPreparationFaultTest {
  private static final int FOR_GOOD = 1_000_000;

  private static SparkSession spark;

  @TempDir Path folder;

  @BeforeAll
  static void startSpark() {
    spark = LocalSpark.startOnFaultyStorage();
  }

  @AfterAll
  static void stopSpark() {
    spark.stop();
  }

  @AfterEach
  void heal() {
    FaultyFileSystem.heal();
  }

  private PrepareConfig newInput(String name) {
    return new LlavaFolder(folder.resolve(name)).addValid(9).asLines().build();
  }

  @ParameterizedTest
  @EnumSource
  void aCallThatFailsOnceIsRetriedOrLeavesNothing(Moment moment) throws IOException {
    failOnce(moment, 5);
  }

  @ParameterizedTest
  @Tag("slow")
  @EnumSource
  void anyCallThatFailsOnceIsRetriedOrLeavesNothing(Moment moment) throws IOException {
    failOnce(moment, 1);
  }

  private void failOnce(Moment moment, int every) throws IOException {
    FaultyFileSystem.failCalls(FOR_GOOD, 0, moment);
    Manifest undisturbed = DatasetPreparation.prepare(spark, newInput("sound")).manifest();
    int numCalls = FaultyFileSystem.heal();
    int numRecovered = 0;
    for (int call = 1; call <= numCalls; call += every) {
      String name = "once-" + call;
      PrepareConfig config = newInput(name);
      FaultyFileSystem.failCalls(call, 1, moment);
      try {
        Manifest manifest = DatasetPreparation.prepare(spark, config).manifest();
        assertThat(manifest.contentFingerprint())
            .as("fault %s call %d", moment, call)
            .isEqualTo(undisturbed.contentFingerprint());
        numRecovered++;
        FaultyFileSystem.heal();
        assertIsWhole(config, undisturbed);
      } catch (IOException e) {
        FaultyFileSystem.heal();
        // A fault in the driver ends the run: nothing may be left of it, unless nobody can tell.
        assertThat(e)
            .as("fault %s call %d", moment, call)
            .hasStackTraceContaining("injected fault");
        if (e instanceof DatasetStateUnknownException) {
          assertIsWholeOrAbsent(config, undisturbed);
        } else {
          assertNothingIsLeft(name);
        }
      }
    }
    assertThat(numRecovered).as("recovered faults of %d calls", numCalls).isGreaterThan(15 / every);
  }

  @ParameterizedTest
  @EnumSource
  void storageThatFailsForGoodIsNeverLeftWithHalfAVersion(Moment moment) throws IOException {
    failForGood(moment, 11);
  }

  @ParameterizedTest
  @Tag("slow")
  @EnumSource
  void storageThatFailsForGoodFromAnyCallOnIsNeverLeftWithHalfAVersion(Moment moment)
      throws IOException {
    failForGood(moment, 1);
  }

  private void failForGood(Moment moment, int every) throws IOException {
    FaultyFileSystem.failCalls(FOR_GOOD, 0, moment);
    Manifest undisturbed = DatasetPreparation.prepare(spark, newInput("sound")).manifest();
    int numCalls = FaultyFileSystem.heal();
    for (int call = 2; call <= numCalls; call += every) {
      PrepareConfig config = newInput("for-good-" + call);
      FaultyFileSystem.failCalls(call, FOR_GOOD, moment);
      try {
        DatasetPreparation.prepare(spark, config);
      } catch (Exception e) {
        assertThat(e)
            .as("faults %s every call from %d on", moment, call)
            .hasStackTraceContaining("injected fault");
      } finally {
        FaultyFileSystem.heal();
      }
      assertIsWholeOrAbsent(config, undisturbed);
    }
  }

  /** What is published has all its files, and preparing again makes the same of what is not. */
  private static void assertIsWholeOrAbsent(PrepareConfig config, Manifest undisturbed)
      throws IOException {
    DatasetPreparation.prepare(spark, config);
    assertIsWhole(config, undisturbed);
  }

  private static void assertIsWhole(PrepareConfig config, Manifest undisturbed) throws IOException {
    DatasetFolder dataset =
        DatasetFolder.at(config.output(), spark.sparkContext().hadoopConfiguration());
    Manifest manifest = dataset.requireNewest();
    assertThat(manifest.contentFingerprint()).isEqualTo(undisturbed.contentFingerprint());
    for (Manifest.Shard shard : manifest.shards()) {
      assertThat(Path.of(dataset.pathOf(shard.file()).toUri())).hasSize(shard.bytes());
    }
  }

  private void assertNothingIsLeft(String name) {
    Path out = folder.resolve(name).resolve("out");
    assertThat(LlavaFolder.names(out)).as("left in %s", out).isEmpty();
    assertThat(Files.exists(folder.resolve(name).resolve("input.jsonl"))).isTrue();
  }
}
