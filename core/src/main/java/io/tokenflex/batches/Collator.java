package io.tokenflex.batches;

import io.tokenflex.image.ImageDecodeException;
import io.tokenflex.samples.EncodedImage;
import io.tokenflex.text.TokenizedSample;
import io.tokenflex.tokens.VisionTokenCount;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;

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

  /** Tokens of {@code sample} in a batch, padding aside: what sorting and limits go by. */
  public int lengthAt(TokenizedSample sample, VisionTokenCount count) {
    return sample.lengthAt(count, pixelTransform::numTiles);
  }

  /**
   * Pads, expands placeholders, decodes pictures.
   *
   * <p>A picture's placeholder becomes one run with {@code count} vision tokens for each of its
   * tiles.
   *
   * @throws BadSampleException for a sample that is too long, whose placeholders are not as many as
   *     its pictures, or whose picture cannot be decoded
   */
  public MicroBatch collate(List<TokenizedSample> samples, VisionTokenCount count) {
    samples.forEach(sample -> check(sample, count));
    int width = samples.stream().mapToInt(sample -> lengthAt(sample, count)).max().orElseThrow();
    int numTiles =
        samples.stream()
            .flatMap(sample -> sample.images().stream())
            .mapToInt(pixelTransform::numTiles)
            .sum();
    int pixelsPerTile = 3 * pixelTransform.imageSize() * pixelTransform.imageSize();
    long[] ids = new long[samples.size() * width];
    Arrays.fill(ids, padTokenId);
    float[] pixels = new float[Math.multiplyExact(numTiles, pixelsPerTile)];
    long[] visionPositions = new long[numTiles * count.numVisionTokens()];
    long[] rows = new long[ids.length];
    long[] targets = new long[ids.length];
    int numVision = 0;
    int numRows = 0;
    int tile = 0;
    for (int b = 0; b < samples.size(); b++) {
      TokenizedSample sample = samples.get(b);
      Iterator<EncodedImage> images = sample.images().iterator();
      int at = b * width;
      for (int i = 0; i < sample.ids().length; i++) {
        long id = sample.ids()[i];
        int repeats = 1;
        if (id == imageTokenId) {
          EncodedImage image = images.next();
          int imageTiles = pixelTransform.numTiles(image);
          writePixels(sample, image, pixels, tile * pixelsPerTile);
          tile += imageTiles;
          repeats = imageTiles * count.numVisionTokens();
        }
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
    }
    return new MicroBatch(
        samples.stream().map(TokenizedSample::sampleId).toList(),
        count,
        width,
        ids,
        numTiles,
        pixels,
        visionPositions,
        Arrays.copyOf(rows, numRows),
        Arrays.copyOf(targets, numRows));
  }

  /**
   * Checks what can be known of a sample without decoding its pictures.
   *
   * @throws BadSampleException if it is too long at {@code count}, or its placeholders are not as
   *     many as its pictures
   */
  void check(TokenizedSample sample, VisionTokenCount count) {
    long placeholders = Arrays.stream(sample.ids()).filter(id -> id == imageTokenId).count();
    if (placeholders != sample.images().size()) {
      throw new BadSampleException(
          sample.sampleId(),
          String.format(
              Locale.ROOT,
              "Sample %s: %d images but %d placeholders; fix the conversation or drop the sample",
              sample.sampleId(),
              sample.images().size(),
              placeholders),
          null);
    }
    int length = lengthAt(sample, count);
    if (length > maxSequenceLength) {
      throw new BadSampleException(
          sample.sampleId(),
          String.format(
              Locale.ROOT,
              "Sample %s has %d tokens at %s vision tokens per image, but the model has %d positions;"
                  + " raise model.language.maxPositionEmbeddings or leave the sample out",
              sample.sampleId(),
              length,
              count,
              maxSequenceLength),
          null);
    }
  }

  private void writePixels(TokenizedSample sample, EncodedImage image, float[] pixels, int offset) {
    try {
      pixelTransform.write(image, pixels, offset);
    } catch (RuntimeException e) { // decoders of damaged files throw many kinds
      String what =
          e instanceof ImageDecodeException || e instanceof IllegalArgumentException
              ? e.getMessage()
              : e.toString();
      throw new BadSampleException(
          sample.sampleId(),
          String.format(
              Locale.ROOT,
              "Sample %s: image %s cannot be decoded: %s. Prepare the dataset again",
              sample.sampleId(),
              image.sha256(),
              what),
          e);
    }
  }
}
