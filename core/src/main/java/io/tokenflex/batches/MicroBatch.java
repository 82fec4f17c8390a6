package io.tokenflex.batches;

import static java.util.Objects.requireNonNull;

import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.tokens.VisionTokenCount;
import java.util.List;
import java.util.Locale;

/**
 * What one forward and backward pass works on: B right-padded sequences of length T and their
 * images.
 *
 * @param sampleIds B ids, for messages and for proofs of what was seen
 * @param sequenceLength T
 * @param inputIds B x T token ids in reading order, padding included
 * @param numImages I: what the vision tower takes for an image, so each tile of a picture is one
 * @param pixels I x 3 x Y x X normalised values of all images in reading order, tiles of a picture
 *     in their own order
 * @param visionPositions flat positions in {@code inputIds} of all I x V placeholders
 * @param supervisedRows flat positions whose next token is supervised
 * @param targets that next token for each supervised row
 */
@SuppressWarnings("ArrayRecordComponent") // handed straight to the device, never compared
public record MicroBatch(
    List<String> sampleIds,
    VisionTokenCount visionTokens,
    int sequenceLength,
    long[] inputIds,
    int numImages,
    float[] pixels,
    long[] visionPositions,
    long[] supervisedRows,
    long[] targets) {
  public MicroBatch {
    sampleIds = List.copyOf(sampleIds);
    requireNonNull(visionTokens, "visionTokens");
    if (inputIds.length != sampleIds.size() * sequenceLength) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "%d token ids for %d samples of length %d",
              inputIds.length,
              sampleIds.size(),
              sequenceLength));
    }
    if (visionPositions.length != numImages * visionTokens.numVisionTokens()) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "%d placeholders but %d images x %s vision tokens; samples %s",
              visionPositions.length,
              numImages,
              visionTokens,
              sampleIds));
    }
    if (supervisedRows.length != targets.length) {
      throw new InvalidInputException(
          supervisedRows.length + " supervised rows but " + targets.length + " targets");
    }
  }

  /** B. */
  public int batchSize() {
    return sampleIds.size();
  }

  /** Supervised tokens: what the loss is summed over. */
  public int numValidTokens() {
    return targets.length;
  }
}
