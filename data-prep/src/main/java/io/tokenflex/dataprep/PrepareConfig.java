package io.tokenflex.dataprep;

import static java.util.Objects.requireNonNull;

import io.tokenflex.dataprep.shard.DatasetLayout;
import io.tokenflex.dataprep.source.Digests;
import java.io.Serializable;

/**
 * What to prepare and how.
 *
 * @param input URI of a LLaVA file: one JSON array, or one record a line
 * @param imageFolder URI of the folder that image names are relative to
 * @param output URI of the dataset folder to publish
 * @param seed of the shuffle
 * @param rowsPerRowGroup samples in a row group, the unit that training reads and that writer and
 *     reader hold in memory with all its image bytes
 * @param rowsPerShard samples in a shard; a multiple of {@code rowsPerRowGroup}
 * @param maxPixels largest width times height of an image
 * @param maxImageBytes largest image file
 * @param maxTextChars largest sum of a record's texts
 * @param maxRejectFraction the run fails when more than this part of the records is rejected, 0 to
 *     1
 * @param overwrite whether another dataset at {@code output} is replaced
 */
public record PrepareConfig(
    String input,
    String imageFolder,
    String output,
    long seed,
    int rowsPerRowGroup,
    int rowsPerShard,
    long maxPixels,
    int maxImageBytes,
    int maxTextChars,
    double maxRejectFraction,
    boolean overwrite)
    implements Serializable {

  private static final int LARGEST_ARRAY = Integer.MAX_VALUE - 16;

  public PrepareConfig {
    requireNonNull(input, "input");
    requireNonNull(imageFolder, "imageFolder");
    requireNonNull(output, "output");
    requireAtLeastOne("rowsPerRowGroup", rowsPerRowGroup);
    requireAtLeastOne("maxPixels", maxPixels);
    requireAtLeastOne("maxImageBytes", maxImageBytes);
    requireAtLeastOne("maxTextChars", maxTextChars);
    if (rowsPerShard < 1 || rowsPerShard % rowsPerRowGroup != 0) {
      throw new IllegalArgumentException(
          "rowsPerShard is %d; expected a multiple of rowsPerRowGroup (%d)"
              .formatted(rowsPerShard, rowsPerRowGroup));
    }
    if (maxPixels > LARGEST_ARRAY / 3) {
      throw new IllegalArgumentException(
          "maxPixels is %d; an image fits into memory up to %d"
              .formatted(maxPixels, LARGEST_ARRAY / 3));
    }
    if (maxImageBytes >= LARGEST_ARRAY) {
      throw new IllegalArgumentException(
          "maxImageBytes is %d; expected less than %d".formatted(maxImageBytes, LARGEST_ARRAY));
    }
    if (!(maxRejectFraction >= 0 && maxRejectFraction <= 1)) {
      throw new IllegalArgumentException(
          "maxRejectFraction is " + maxRejectFraction + "; expected 0 to 1");
    }
  }

  private static void requireAtLeastOne(String name, long value) {
    if (value < 1) {
      throw new IllegalArgumentException(name + " is " + value + "; expected at least 1");
    }
  }

  /** Digest of the settings that decide what the shards hold; places are not among them. */
  String digest() {
    return Digests.sha256Hex(
        "format=%d seed=%d rowsPerRowGroup=%d rowsPerShard=%d maxPixels=%d maxImageBytes=%d maxTextChars=%d"
            .formatted(
                DatasetLayout.FORMAT_VERSION,
                seed,
                rowsPerRowGroup,
                rowsPerShard,
                maxPixels,
                maxImageBytes,
                maxTextChars));
  }
}
