package io.tokenflex.data;

import io.tokenflex.image.ImageDecodeException;
import io.tokenflex.tokens.VisionTokenCount;
import java.util.Arrays;
import java.util.List;

/** Joins tokenized samples to a {@link MicroBatch} at a number of vision tokens. */
public final class Collator {
  private final PixelTransform pixelTransform;
  private final long imageTokenId;
  private final long padTokenId;
  private final int maxSequenceLength;

  /**
   * Joins samples for one model.
   *
   * @param padTokenId fills the right end of shorter sequences; never seen by a valid position
   * @param maxSequenceLength positions the model has
   */
  public Collator(
      PixelTransform pixelTransform, long imageTokenId, long padTokenId, int maxSequenceLength) {
    this.pixelTransform = pixelTransform;
    this.imageTokenId = imageTokenId;
    this.padTokenId = padTokenId;
    this.maxSequenceLength = maxSequenceLength;
  }

  /**
   * Pads, expands placeholders, decodes pictures.
   *
   * @throws IllegalArgumentException naming the sample that is too long, or whose picture cannot be
   *     decoded
   */
  public MicroBatch collate(List<TokenizedSample> samples, VisionTokenCount count) {
    int width = samples.stream().mapToInt(sample -> sample.lengthAt(count)).max().orElseThrow();
    int numImages = samples.stream().mapToInt(sample -> sample.images().size()).sum();
    int pixelsPerImage = 3 * pixelTransform.imageSize() * pixelTransform.imageSize();
    long[] ids = new long[samples.size() * width];
    Arrays.fill(ids, padTokenId);
    float[] pixels = new float[numImages * pixelsPerImage];
    long[] visionPositions = new long[numImages * count.numVisionTokens()];
    long[] rows = new long[ids.length];
    long[] targets = new long[ids.length];
    int numVision = 0;
    int numRows = 0;
    int image = 0;
    for (int b = 0; b < samples.size(); b++) {
      TokenizedSample sample = samples.get(b);
      checkLength(sample, count);
      int at = b * width;
      for (int i = 0; i < sample.ids().length; i++) {
        long id = sample.ids()[i];
        int repeats = id == imageTokenId ? count.numVisionTokens() : 1;
        for (int k = 0; k < repeats; k++) {
          if (id == imageTokenId) {
            visionPositions[numVision++] = at;
          }
          if (sample.supervised()[i]) {
            rows[numRows] = at - 1L; // the position before predicts this token
            targets[numRows++] = id;
          }
          ids[at++] = id;
        }
      }
      for (EncodedImage encoded : sample.images()) {
        writePixels(sample, encoded, pixels, image++ * pixelsPerImage);
      }
    }
    return new MicroBatch(
        samples.stream().map(TokenizedSample::sampleId).toList(),
        count,
        width,
        ids,
        numImages,
        pixels,
        visionPositions,
        Arrays.copyOf(rows, numRows),
        Arrays.copyOf(targets, numRows));
  }

  private void checkLength(TokenizedSample sample, VisionTokenCount count) {
    int length = sample.lengthAt(count);
    if (length > maxSequenceLength) {
      throw new IllegalArgumentException(
          ("Sample %s has %d tokens at %s vision tokens per image, but the model has %d positions;"
                  + " drop the sample or raise model.language.maxPositionEmbeddings")
              .formatted(sample.sampleId(), length, count, maxSequenceLength));
    }
  }

  private void writePixels(TokenizedSample sample, EncodedImage image, float[] pixels, int offset) {
    try {
      pixelTransform.write(image, pixels, offset);
    } catch (ImageDecodeException e) {
      throw new IllegalArgumentException(
          "Sample %s: image %s cannot be decoded: %s. Prepare the dataset again"
              .formatted(sample.sampleId(), image.sha256(), e.getMessage()),
          e);
    }
  }
}
