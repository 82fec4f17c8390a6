package io.tokenflex.jobs.scenes;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenflex.dataprep.dataset.Manifest;
import io.tokenflex.dataprep.prepare.DatasetPreparation;
import io.tokenflex.dataprep.prepare.PrepareConfig;
import io.tokenflex.jobs.testing.SmallPreparation;
import io.tokenflex.jobs.testing.SparkForTests;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SampleDatasetPreparationTest {
  @TempDir Path folder;

  @Test
  void theSampleDatasetLosesOnlyItsBrokenRecords() throws IOException {
    new SampleDatasetGenerator(SampleDatasetConfig.ofSize(40, 4, 3)).generate(folder);
    PrepareConfig config =
        SmallPreparation.of(
            folder.resolve("train.json"),
            folder.resolve("images"),
            folder.resolve("dataset").toUri().toString(),
            4,
            10_000);
    Manifest manifest = DatasetPreparation.prepare(SparkForTests.session(), config).manifest();
    assertThat(manifest.rows()).isEqualTo(40);
    assertThat(manifest.run().rejects())
        .isEqualTo(
            Map.of(
                "DUPLICATE_ID", 1L,
                "EMPTY_TEXT", 1L,
                "IMAGE_DAMAGED", 1L,
                "IMAGE_MARK_MISMATCH", 1L,
                "IMAGE_MISSING", 1L,
                "IMAGE_NOT_AN_IMAGE", 1L,
                "MISSING_CONVERSATION", 1L));
  }
}
