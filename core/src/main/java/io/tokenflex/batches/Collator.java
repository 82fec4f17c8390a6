package io.tokenflex.batches;

import io.tokenflex.image.ImageDecodeException;
import io.tokenflex.samples.EncodedImage;
import io.tokenflex.text.TokenizedSample;
import io.tokenflex.tokens.VisionTokenCount;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;

/** Collates tokenized samples into a {@link MicroBatch} for a given number of vision tokens. */
public final class Collator {
  private final PixelTransform pixelTransform;
  private final long imageTokenId;
  private final long padTokenId;
  private final int maxSequenceLength;
  private final PictureThreads threads;

  /**
   * Creates a collator for one model, which decodes images on the caller's thread.
   *
   * @param padTokenId right padding; causal attention hides it from every valid position
   * @param maxSequenceLength positions of the model ({@code maxPositionEmbeddings})
   */
  public Collator(
      PixelTransform pixelTransform, long imageTokenId, long padTokenId, int maxSequenceLength) {
    this(pixelTransform, imageTokenId, padTokenId, maxSequenceLength, new PictureThreads(1));
  }

  /** As above, with threads that decode images, which the caller closes. */
  public Collator(
      PixelTransform pixelTransform,
      long imageTokenId,
      long padTokenId,
      int maxSequenceLength,
      PictureThreads threads) {
    this.pixelTransform = pixelTransform;
    this.imageTokenId = imageTokenId;
    this.padTokenId = padTokenId;
    this.maxSequenceLength = maxSequenceLength;
    this.threads = threads;
  }

  /** Length in tokens of {@code sample} with its placeholders expanded, without padding. */
  public int lengthAt(TokenizedSample sample, VisionTokenCount count) {
    return sample.lengthAt(count, pixelTransform::numTiles);
  }

  /**
   * Expands placeholders, right-pads to the longest sequence, and decodes the images.
   *
   * <p>The placeholder of an image becomes a run of {@code count} vision tokens per tile.
   *
   * @throws BadSampleException if a sample is too long, its number of placeholders differs from its
   *     number of images, or an image cannot be decoded
   */
  public MicroBatch collate(List<TokenizedSample> samples, VisionTokenCount count) {
    samples.forEach(sample -> check(sample, count));
    int width = samples.stream().mapToInt(sample -> lengthAt(sample, count)).max().orElseThrow();
    int numTiles =
        samples.stream()
            .flatMap(sample -> sample.images().stream())
            .mapToInt(pixelTransform::numTiles)
            .sum();
    int levelsPerTile = 3 * pixelTransform.imageSize() * pixelTransform.imageSize();
    long[] ids = new long[samples.size() * width];
    Arrays.fill(ids, padTokenId);
    byte[] levels = new byte[Math.multiplyExact(numTiles, levelsPerTile)];
    long[] visionPositions = new long[numTiles * count.numVisionTokens()];
    long[] rows = new long[ids.length];
    long[] targets = new long[ids.length];
    List<Runnable> decoding = new ArrayList<>();
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
          int offset = tile * levelsPerTile;
          decoding.add(() -> writeLevels(sample, image, levels, offset));
          tile += imageTiles;
          repeats = imageTiles * count.numVisionTokens();
        }
        for (int k = 0; k < repeats; k++) {
          if (id == imageTokenId) {
            visionPositions[numVision++] = at;
          }
          if (sample.supervised()[i]) {
            rows[numRows] = at - 1L; // logits at position t - 1 predict token t
            targets[numRows++] = id;
          }
          ids[at++] = id;
        }
      }
    }
    threads.run(decoding);
    return new MicroBatch(
        samples.stream().map(TokenizedSample::sampleId).toList(),
        count,
        width,
        ids,
        numTiles,
        new Pixels.Levels(levels, pixelTransform.normalization()),
        visionPositions,
        Arrays.copyOf(rows, numRows),
        Arrays.copyOf(targets, numRows));
  }

  /**
   * Checks length and placeholders without decoding images.
   *
   * @throws BadSampleException if the sample exceeds {@code maxSequenceLength} at {@code count}, or
   *     its number of placeholders differs from its number of images
   */
  public void check(TokenizedSample sample, VisionTokenCount count) {
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

  /** Number of tiles of an image. */
  public int numTiles(EncodedImage image) {
    return pixelTransform.numTiles(image);
  }

  /**
   * Decodes one image of a sample: tiles x 3 x Y x X.
   *
   * @throws BadSampleException if it cannot be decoded
   */
  public Pixels pixels(TokenizedSample sample, EncodedImage image) {
    int side = pixelTransform.imageSize();
    byte[] levels = new byte[Math.multiplyExact(numTiles(image), 3 * side * side)];
    writeLevels(sample, image, levels, 0);
    return new Pixels.Levels(levels, pixelTransform.normalization());
  }

  private void writeLevels(TokenizedSample sample, EncodedImage image, byte[] levels, int offset) {
    try {
      pixelTransform.write(image, levels, offset);
    } catch (RuntimeException e) { // image decoders throw many types for damaged files
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
