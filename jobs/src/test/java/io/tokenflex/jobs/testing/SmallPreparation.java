package io.tokenflex.jobs.testing;

import io.tokenflex.dataprep.dedup.DedupConfig;
import io.tokenflex.dataprep.dedup.DedupConfig.Scope;
import io.tokenflex.dataprep.dedup.DuplicateIds;
import io.tokenflex.dataprep.input.InputConfig;
import io.tokenflex.dataprep.prepare.PrepareConfig;
import io.tokenflex.dataprep.prepare.PrepareSettings;
import io.tokenflex.dataprep.validate.RecordLimits;
import io.tokenflex.image.ImageNormalization;
import java.nio.file.Path;
import java.util.List;

/** A preparation of a few samples that refuses little and looks for no duplicates. */
public final class SmallPreparation {
  private SmallPreparation() {}

  /**
   * Prepares one file.
   *
   * @param images folder of its pictures
   * @param output URI of the dataset
   */
  public static PrepareConfig of(
      Path input, Path images, String output, int rowsPerRowGroup, long targetShardBytes) {
    return new PrepareConfig(
        List.of(InputConfig.of(input.toUri().toString(), images.toUri().toString())),
        output,
        7,
        List.of(),
        new PrepareSettings(
            "",
            rowsPerRowGroup,
            1 << 20,
            targetShardBytes,
            new RecordLimits(10_000_000, 10_000, 1, 100, 10_000_000, 2_000_000),
            new ImageNormalization(0, 90),
            new DedupConfig(false, DedupConfig.NO_NEAR_SEARCH, Scope.SAMPLE),
            DuplicateIds.REJECT,
            1,
            false));
  }
}
