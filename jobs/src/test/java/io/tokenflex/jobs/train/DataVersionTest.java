package io.tokenflex.jobs.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tokenflex.dataprep.dataset.DatasetExpiry;
import io.tokenflex.dataprep.dataset.DatasetFolder;
import io.tokenflex.dataprep.dataset.DatasetLayout;
import io.tokenflex.dataprep.dataset.Manifest;
import io.tokenflex.dataprep.dataset.Manifest.Shard;
import io.tokenflex.dataprep.dedup.DedupConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataVersionTest {
  @TempDir Path folder;

  /** Publishes versions that each add a shard of one sample. */
  private DatasetFolder datasetOf(int numVersions) throws IOException {
    return datasetOf(numVersions, /* madeAnew= */ 1);
  }

  /** The same, but for one version that takes over none. */
  private DatasetFolder datasetOf(int numVersions, int madeAnew) throws IOException {
    DatasetFolder dataset =
        DatasetFolder.at(folder.resolve("dataset").toUri().toString(), new Configuration());
    List<Shard> shards = new ArrayList<>();
    for (int version = 1; version <= numVersions; version++) {
      String run = "data/run-" + version;
      if (version == madeAnew) {
        shards.clear();
      }
      shards.add(
          new Shard(run + "/shard-00000.parquet", 1, 1, 1, 10, "digest " + version, List.of()));
      dataset.publish(
          new Manifest(
              DatasetLayout.FORMAT_VERSION,
              version,
              version == madeAnew ? 0 : version - 1,
              "2026-01-01T00:00:00Z",
              shards.size(),
              shards.size(),
              10L * shards.size(),
              4,
              shards,
              new Manifest.Run(run, 1, 1, 0, Map.of()),
              List.of(),
              1,
              new DedupConfig(false, DedupConfig.NO_NEAR_SEARCH, DedupConfig.Scope.SAMPLE),
              "settings",
              null));
    }
    return dataset;
  }

  @Test
  void aNewRunTakesTheNewestVersion() throws IOException {
    assertThat(DataVersion.choose(datasetOf(3), Optional.empty(), Optional.empty())).isEqualTo(3);
  }

  @Test
  void aResumedRunStaysWithTheVersionItBeganWith() throws IOException {
    DatasetFolder dataset = datasetOf(3);
    String trainedOn = dataset.read(2).contentFingerprint();
    assertThat(DataVersion.choose(dataset, Optional.empty(), Optional.of(trainedOn))).isEqualTo(2);
  }

  @Test
  void aDatasetMadeAnewDoesNotLetAnOldRunGoOnUnnoticed() throws IOException {
    DatasetFolder dataset = datasetOf(3, /* madeAnew= */ 2);
    String trainedOn = dataset.read(1).contentFingerprint();
    assertThatThrownBy(() -> DataVersion.choose(dataset, Optional.empty(), Optional.of(trainedOn)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("the data fingerprint was " + trainedOn)
        .hasMessageContaining("made anew");
  }

  @Test
  void aConfiguredVersionWins() throws IOException {
    DatasetFolder dataset = datasetOf(3);
    String trainedOn = dataset.read(2).contentFingerprint();
    assertThat(DataVersion.choose(dataset, Optional.of(1), Optional.of(trainedOn))).isEqualTo(1);
    assertThatThrownBy(() -> DataVersion.choose(dataset, Optional.of(4), Optional.empty()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("has no version 4; it has [1, 2, 3]");
  }

  @Test
  void aRunGoesOnWithAVersionThatWasWithdrawnUnderIt() throws IOException {
    DatasetFolder dataset = datasetOf(4);
    String trainedOn = dataset.read(1).contentFingerprint();
    DatasetExpiry.plan(dataset, 2, Instant.now()).carryOut(step -> {});
    assertThat(dataset.versions()).containsExactly(3, 4);
    assertThat(DataVersion.choose(dataset, Optional.empty(), Optional.of(trainedOn))).isEqualTo(1);
    assertThat(DataVersion.choose(dataset, Optional.of(2), Optional.empty())).isEqualTo(2);
  }

  @Test
  void aFolderWithoutDatasetNamesTheNextMove() {
    assertThatThrownBy(() -> DataVersion.choose(datasetOf(0), Optional.empty(), Optional.empty()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("run prepare with this output first");
  }
}
