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
 * Settings of a preparation.
 *
 * @param inputs in order of precedence among duplicates
 * @param output URI of the dataset folder
 * @param seed of the shuffle
 * @param edition any text; changing it counts as changed settings, for input that was replaced
 *     under the same ids and names
 * @param rowsPerRowGroup maximum samples of a row group, the unit in which training reads; the
 *     writer holds one in memory with its image bytes, a training rank several per lane
 * @param maxRowGroupBytes maximum bytes of images and text in a row group of several samples
 * @param targetShardBytes average size of shards
 * @param limits for records
 * @param images how images are stored
 * @param dedup definition of duplicates
 * @param dedupAgainst URIs of datasets whose samples must not occur, such as evaluation data
 * @param duplicateIds handling of records that share an id
 * @param maxRejectFraction the run fails if a larger fraction of the records is rejected; 0 to 1
 * @param overwrite whether to rebuild a dataset prepared with other settings, as its next version
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
  /**
   * Part of the digest; increased when the meaning of settings changes, so that older datasets are
   * not extended.
   */
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

  /** Settings under which records with duplicate ids are rejected. */
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
   * Digest of the settings that determine the content of shards for a given input. Excludes
   * locations and {@code maxRowGroupBytes}, so versions with different row groups can share shards.
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
            // Only if it is not the default, so that digests of older datasets stay valid.
            duplicateIds == DuplicateIds.REJECT ? "" : " duplicateIds=" + duplicateIds));
  }

  /** The settings that determine the content of the dataset for a given input, by name. */
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
