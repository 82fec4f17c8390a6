package io.tokenflex.dataprep.prepare;

import static java.util.Objects.requireNonNull;

import io.tokenflex.dataprep.dedup.DedupConfig;
import io.tokenflex.dataprep.dedup.DuplicateIds;
import io.tokenflex.dataprep.validate.RecordLimits;
import io.tokenflex.failure.Expect;
import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.image.ImageNormalization;
import java.io.Serializable;

/**
 * How data is prepared, whichever it is.
 *
 * @param edition any text; another one counts as other settings, for input that was replaced under
 *     the same ids and names
 * @param rowsPerRowGroup most samples in a row group, the unit that training reads; the writer
 *     holds one in memory with all its image bytes, a training rank several for each of its lanes
 * @param maxRowGroupBytes most bytes of images and text in a row group of several samples
 * @param targetShardBytes size that shards should have on average
 * @param limits what is rejected
 * @param images how images are stored
 * @param dedup which samples count as the same
 * @param duplicateIds what becomes of records that share an id
 * @param maxRejectFraction the run fails when more than this part of the records is rejected, 0 to
 *     1
 * @param overwrite whether a dataset prepared with other settings is made anew as the next version
 */
public record PrepareSettings(
    String edition,
    int rowsPerRowGroup,
    long maxRowGroupBytes,
    long targetShardBytes,
    RecordLimits limits,
    ImageNormalization images,
    DedupConfig dedup,
    DuplicateIds duplicateIds,
    double maxRejectFraction,
    boolean overwrite)
    implements Serializable {
  public PrepareSettings {
    requireNonNull(edition, "edition");
    requireNonNull(limits, "limits");
    requireNonNull(images, "images");
    requireNonNull(dedup, "dedup");
    requireNonNull(duplicateIds, "duplicateIds");
    Expect.atLeastOne("rowsPerRowGroup", rowsPerRowGroup);
    Expect.atLeastOne("maxRowGroupBytes", maxRowGroupBytes);
    Expect.atLeastOne("targetShardBytes", targetShardBytes);
    if (!(maxRejectFraction >= 0 && maxRejectFraction <= 1)) {
      throw new InvalidInputException(
          "maxRejectFraction is " + maxRejectFraction + "; expected 0 to 1");
    }
  }
}
