package io.tokenflex.batches;

import static java.util.Objects.requireNonNull;

import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.tokens.VisionTokenCount;
import java.util.List;
import java.util.Locale;

/**
 * Input of one forward and backward pass: B right-padded sequences of length T and their images.
 *
 * @param sampleIds B ids, for messages and tests
 * @param sequenceLength T
 * @param inputIds B x T token ids, row-major, padding included
 * @param numImages I, images as the vision tower counts them: each tile is one
 * @param pixels of all images, in the order of the placeholders; the tiles of an image in row-major
 *     order, its thumbnail last
 * @param visionPositions flat indices into {@code inputIds} of the I x V image placeholders
 * @param supervisedRows flat positions whose next token is supervised
 * @param targets the token id to predict at each of {@code supervisedRows}
 */
@SuppressWarnings("ArrayRecordComponent") // passed straight to the device, never compared
public record MicroBatch(
    List<String> sampleIds,
    VisionTokenCount visionTokens,
    int sequenceLength,
    long[] inputIds,
    int numImages,
    Pixels pixels,
    long[] visionPositions,
    long[] supervisedRows,
    long[] targets) {
  public MicroBatch {
    sampleIds = List.copyOf(sampleIds);
    requireNonNull(visionTokens, "visionTokens");
    requireNonNull(pixels, "pixels");
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

  /** B, the number of sequences. */
  public int batchSize() {
    return sampleIds.size();
  }

  /** Number of supervised tokens, over which the loss is summed. */
  public int numValidTokens() {
    return targets.length;
  }
}
