package io.tokenflex.dataprep.prepare;

import static java.util.Objects.requireNonNull;

import io.tokenflex.dataprep.dedup.DedupConfig;
import io.tokenflex.dataprep.dedup.DuplicateIds;
import io.tokenflex.dataprep.input.InputConfig;
import io.tokenflex.dataprep.validate.RecordLimits;
import io.tokenflex.digest.Digests;
import io.tokenflex.failure.Expect;
import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.image.ImageNormalization;
import java.io.Serializable;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What to prepare and how.
 *
 * @param inputs what to read, in the order of precedence among duplicates
 * @param output URI of the dataset folder
 * @param seed of the shuffle
 * @param edition any text; another one counts as other settings, for input that was replaced under
 *     the same ids and names
 * @param rowsPerRowGroup most samples in a row group, the unit that training reads; the writer
 *     holds one in memory with all its image bytes, a training rank several for each of its lanes
 * @param maxRowGroupBytes most bytes of images and text in a row group of several samples
 * @param targetShardBytes size that shards should have on average
 * @param limits what is rejected
 * @param images how images are stored
 * @param dedup which samples count as the same
 * @param dedupAgainst URIs of datasets whose samples must not come again, such as evaluation data
 * @param duplicateIds what becomes of records that share an id
 * @param maxRejectFraction the run fails when more than this part of the records is rejected, 0 to
 *     1
 * @param overwrite whether a dataset prepared with other settings is made anew as the next version
 */
public record PrepareConfig(
    List<InputConfig> inputs,
    String output,
    long seed,
    String edition,
    int rowsPerRowGroup,
    long maxRowGroupBytes,
    long targetShardBytes,
    RecordLimits limits,
    ImageNormalization images,
    DedupConfig dedup,
    List<String> dedupAgainst,
    DuplicateIds duplicateIds,
    double maxRejectFraction,
    boolean overwrite)
    implements Serializable {
  /** Of the digest: raised when settings mean something else, so that old datasets are left. */
  private static final int SETTINGS_VERSION = 2;

  public PrepareConfig {
    requireNonNull(limits, "limits");
    inputs = inputs.stream().map(input -> input.withMaxImageBytes(limits.maxImageBytes())).toList();
    dedupAgainst = List.copyOf(dedupAgainst);
    requireNonNull(output, "output");
    requireNonNull(edition, "edition");
    requireNonNull(images, "images");
    requireNonNull(dedup, "dedup");
    requireNonNull(duplicateIds, "duplicateIds");
    if (inputs.isEmpty()) {
      throw new InvalidInputException("inputs is empty; expected at least one {path = ...}");
    }
    Expect.atLeastOne("rowsPerRowGroup", rowsPerRowGroup);
    Expect.atLeastOne("maxRowGroupBytes", maxRowGroupBytes);
    Expect.atLeastOne("targetShardBytes", targetShardBytes);
    if (!dedupAgainst.isEmpty() && !dedup.searchesAny()) {
      throw new InvalidInputException(
          "dedupAgainst names %s but dedup looks for no duplicates; set dedup.exact or dedup.nearDistance"
              .formatted(dedupAgainst));
    }
    if (!(maxRejectFraction >= 0 && maxRejectFraction <= 1)) {
      throw new InvalidInputException(
          "maxRejectFraction is " + maxRejectFraction + "; expected 0 to 1");
    }
  }

  /** A preparation that rejects ids given twice. */
  public PrepareConfig(
      List<InputConfig> inputs,
      String output,
      long seed,
      String edition,
      int rowsPerRowGroup,
      long maxRowGroupBytes,
      long targetShardBytes,
      RecordLimits limits,
      ImageNormalization images,
      DedupConfig dedup,
      List<String> dedupAgainst,
      double maxRejectFraction,
      boolean overwrite) {
    this(
        inputs,
        output,
        seed,
        edition,
        rowsPerRowGroup,
        maxRowGroupBytes,
        targetShardBytes,
        limits,
        images,
        dedup,
        dedupAgainst,
        DuplicateIds.REJECT,
        maxRejectFraction,
        overwrite);
  }

  /**
   * Digest of the settings that decide what the shards hold, whatever the input; places are not
   * among them, nor is {@code maxRowGroupBytes}: versions that cut row groups otherwise can share
   * shards.
   */
  String digest() {
    return Digests.sha256Hex(
        String.format(
            Locale.ROOT,
            "format=%d seed=%d edition=%s rowsPerRowGroup=%d targetShardBytes=%d %s %s %s%s",
            SETTINGS_VERSION,
            seed,
            edition,
            rowsPerRowGroup,
            targetShardBytes,
            limits,
            images,
            dedup,
            // Only where it is not what it always was, so that older datasets keep their digests.
            duplicateIds == DuplicateIds.REJECT ? "" : " duplicateIds=" + duplicateIds));
  }

  /** The settings that decide what the dataset holds, whatever the input, by name. */
  SortedMap<String, String> settings() {
    SortedMap<String, String> settings = new TreeMap<>();
    settings.put("run.seed", Long.toString(seed));
    settings.put("edition", edition);
    settings.put("rowsPerRowGroup", Integer.toString(rowsPerRowGroup));
    settings.put("targetShardBytes", Long.toString(targetShardBytes));
    settings.put("limits", limits.toString());
    settings.put("images", images.toString());
    settings.put("dedup", dedup.toString());
    settings.put("dedupAgainst", dedupAgainst.toString());
    settings.put("duplicateIds", duplicateIds.name().toLowerCase(Locale.ROOT));
    return settings;
  }
}
