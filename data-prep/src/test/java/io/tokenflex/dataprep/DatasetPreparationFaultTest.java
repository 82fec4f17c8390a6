package io.tokenflex.dataprep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tokenflex.dataprep.shard.Manifest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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

  @Test
  void aTaskThatFailsOnceIsRetriedAndChangesNothing() throws IOException {
    FaultyFileSystem.failCalls(FOR_GOOD, 0);
    Manifest undisturbed = DatasetPreparation.prepare(spark, newInput("sound")).manifest();
    int numCalls = FaultyFileSystem.heal();
    int numRecovered = 0;
    for (int call = 1; call <= numCalls; call++) {
      PrepareConfig config = newInput("once-" + call);
      FaultyFileSystem.failCalls(call, 1);
      try {
        Manifest manifest = DatasetPreparation.prepare(spark, config).manifest();
        assertThat(manifest.contentFingerprint())
            .as("fault in call %d", call)
            .isEqualTo(undisturbed.contentFingerprint());
        numRecovered++;
      } catch (IOException e) {
        // A fault in the driver ends the run: nothing may be left of it.
        assertThat(e).as("fault in call %d", call).hasMessageContaining("injected fault");
        assertNothingIsLeft("once-" + call);
      }
      FaultyFileSystem.heal();
    }
    assertThat(numRecovered).as("recovered faults of %d calls", numCalls).isGreaterThan(15);
  }

  @Test
  void storageThatFailsForGoodLeavesNothing() throws IOException {
    FaultyFileSystem.failCalls(FOR_GOOD, 0);
    DatasetPreparation.prepare(spark, newInput("sound"));
    int numCalls = FaultyFileSystem.heal();
    for (int call = 2; call <= numCalls; call += 4) {
      PrepareConfig config = newInput("for-good-" + call);
      FaultyFileSystem.failCalls(call, FOR_GOOD);
      assertThatThrownBy(() -> DatasetPreparation.prepare(spark, config))
          .as("faults from call %d on", call)
          .hasStackTraceContaining("injected fault");
      FaultyFileSystem.heal();
      assertNothingIsLeft("for-good-" + call);
    }
  }

  private void assertNothingIsLeft(String name) {
    Path out = folder.resolve(name).resolve("out");
    assertThat(LlavaFolder.names(out)).as("left in %s", out).isEmpty();
    assertThat(Files.exists(folder.resolve(name).resolve("input.jsonl"))).isTrue();
  }
}
