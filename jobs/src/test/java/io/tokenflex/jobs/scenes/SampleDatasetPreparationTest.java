package io.tokenflex.jobs.scenes;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenflex.dataprep.dataset.Manifest;
import io.tokenflex.dataprep.dedup.DedupConfig;
import io.tokenflex.dataprep.dedup.DedupConfig.Scope;
import io.tokenflex.dataprep.dedup.DuplicateIds;
import io.tokenflex.dataprep.input.InputConfig;
import io.tokenflex.dataprep.prepare.DatasetPreparation;
import io.tokenflex.dataprep.prepare.PrepareConfig;
import io.tokenflex.dataprep.validate.RecordLimits;
import io.tokenflex.image.ImageNormalization;
import io.tokenflex.jobs.testing.SparkForTests;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SampleDatasetPreparationTest {
  @TempDir Path folder;

  @Test
  void theSampleDatasetLosesOnlyItsBrokenRecords() throws IOException {
    new SampleDatasetGenerator(SampleDatasetConfig.ofSize(40, 4, 3)).generate(folder);
    PrepareConfig config =
        new PrepareConfig(
            List.of(
                InputConfig.of(
                    folder.resolve("train.json").toUri().toString(),
                    folder.resolve("images").toUri().toString())),
            folder.resolve("dataset").toUri().toString(),
            7,
            "",
            4,
            1 << 20,
            10_000,
            new RecordLimits(1 << 20, 1000, 1, 10, 1 << 20, 10_000),
            new ImageNormalization(0, 90),
            new DedupConfig(false, DedupConfig.NO_NEAR_SEARCH, Scope.SAMPLE),
            List.of(),
            DuplicateIds.REJECT,
            1,
            false);
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
