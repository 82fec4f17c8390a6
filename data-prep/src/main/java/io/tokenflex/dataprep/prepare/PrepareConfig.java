package io.tokenflex.dataprep.prepare;

import static java.util.Objects.requireNonNull;

import io.tokenflex.dataprep.dedup.DuplicateIds;
import io.tokenflex.dataprep.input.InputConfig;
import io.tokenflex.digest.Digests;
import io.tokenflex.failure.InvalidInputException;
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
 * @param dedupAgainst URIs of datasets whose samples must not occur, such as evaluation data
 */
public record PrepareConfig(
    List<InputConfig> inputs,
    String output,
    long seed,
    List<String> dedupAgainst,
    PrepareSettings settings)
    implements Serializable {
  /**
   * Part of the digest; increased when the meaning of settings changes, so that older datasets are
   * not extended.
   */
  private static final int SETTINGS_VERSION = 2;

  public PrepareConfig {
    long maxImageBytes = settings.limits().maxImageBytes();
    inputs = inputs.stream().map(input -> input.withMaxImageBytes(maxImageBytes)).toList();
    dedupAgainst = List.copyOf(dedupAgainst);
    requireNonNull(output, "output");
    if (inputs.isEmpty()) {
      throw new InvalidInputException("inputs is empty; expected at least one {path = ...}");
    }
    if (!dedupAgainst.isEmpty() && !settings.dedup().searchesAny()) {
      throw new InvalidInputException(
          "dedupAgainst names %s but dedup looks for no duplicates; set dedup.exact or dedup.nearDistance"
              .formatted(dedupAgainst));
    }
  }

  /**
   * Digest of the settings that determine the content of shards for a given input. Excludes
   * locations and {@code maxRowGroupBytes}, so versions with different row groups can share shards.
   */
  String digest() {
    DuplicateIds duplicateIds = settings.duplicateIds();
    return Digests.sha256Hex(
        String.format(
            Locale.ROOT,
            "format=%d seed=%d edition=%s rowsPerRowGroup=%d targetShardBytes=%d %s %s %s%s",
            SETTINGS_VERSION,
            seed,
            settings.edition(),
            settings.rowsPerRowGroup(),
            settings.targetShardBytes(),
            settings.limits(),
            settings.images(),
            settings.dedup(),
            // Only if it is not the default, so that digests of older datasets stay valid.
            duplicateIds == DuplicateIds.REJECT ? "" : " duplicateIds=" + duplicateIds));
  }

  /** The settings that determine the content of the dataset for a given input, by name. */
  SortedMap<String, String> settingsByName() {
    SortedMap<String, String> byName = new TreeMap<>();
    byName.put("run.seed", Long.toString(seed));
    byName.put("edition", settings.edition());
    byName.put("rowsPerRowGroup", Integer.toString(settings.rowsPerRowGroup()));
    byName.put("targetShardBytes", Long.toString(settings.targetShardBytes()));
    byName.put("limits", settings.limits().toString());
    byName.put("images", settings.images().toString());
    byName.put("dedup", settings.dedup().toString());
    byName.put("dedupAgainst", dedupAgainst.toString());
    byName.put("duplicateIds", settings.duplicateIds().name().toLowerCase(Locale.ROOT));
    return byName;
  }
}
