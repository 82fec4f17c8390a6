package io.tokenflex.batches;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tokenflex.image.LevelNormalization;
import io.tokenflex.image.ResampleFilter;
import io.tokenflex.image.ResizeTransform;
import io.tokenflex.image.TilingTransform;
import io.tokenflex.samples.EncodedImage;
import io.tokenflex.testing.Pictures;
import io.tokenflex.text.TokenizedSample;
import io.tokenflex.tokens.VisionTokenCount;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/** Pictures that become several tiles, each an image to the vision tower. */
class TiledCollatorTest {
  private static final long IMAGE = 90;
  private static final long PAD = 91;
  private static final VisionTokenCount FOUR = VisionTokenCount.of(4);

  /** A picture becomes as many tiles as it has columns, filled with 10 x first byte + number. */
  private static final class Columns implements PixelTransform {
    @Override
    public int imageSize() {
      return 1;
    }

    @Override
    public int numTiles(EncodedImage image) {
      return image.width();
    }

    @Override
    public LevelNormalization normalization() {
      return LevelNormalization.SIGLIP;
    }

    @Override
    public void write(EncodedImage image, byte[] levels, int offset) {
      for (int tile = 0; tile < image.width(); tile++) {
        int at = offset + 3 * tile;
        Arrays.fill(levels, at, at + 3, (byte) (10 * image.bytes()[0] + tile));
      }
    }
  }

  private final Collator collator = new Collator(new Columns(), IMAGE, PAD, 20);

  private static EncodedImage image(int firstByte, int numTiles) {
    return new EncodedImage(new byte[] {(byte) firstByte}, numTiles, 1, "cafe");
  }

  /** A sample whose last token is a target. */
  private static TokenizedSample sample(String id, List<EncodedImage> images, long... ids) {
    boolean[] supervised = new boolean[ids.length];
    supervised[ids.length - 1] = true;
    return new TokenizedSample(id, ids, supervised, images);
  }

  @Test
  void aPictureOfTTilesIsOneRunOfTTimesVTokens() {
    MicroBatch batch =
        collator.collate(
            List.of(
                sample("three+one", List.of(image(1, 3), image(2, 1)), 1, IMAGE, IMAGE, 2),
                sample("text", List.of(), 3, 4),
                sample("two", List.of(image(3, 2)), IMAGE, 5)),
            FOUR);
    assertThat(batch.sequenceLength()).isEqualTo(2 + 3 * 4 + 4);
    assertThat(batch.numImages()).isEqualTo(6);
    long[] expected = new long[3 * 18];
    Arrays.fill(expected, PAD);
    expected[0] = 1;
    Arrays.fill(expected, 1, 17, IMAGE);
    expected[17] = 2;
    expected[18] = 3;
    expected[19] = 4;
    Arrays.fill(expected, 36, 44, IMAGE);
    expected[44] = 5;
    assertThat(batch.inputIds()).isEqualTo(expected);
    assertThat(batch.visionPositions()).hasSize(6 * 4);
    for (int i = 0; i < 24; i++) {
      assertThat(batch.visionPositions()[i])
          .as("position %d", i)
          .isEqualTo(i < 16 ? i + 1 : i + 20);
    }
    assertThat(((Pixels.Levels) batch.pixels()).levels())
        .containsExactly(10, 10, 10, 11, 11, 11, 12, 12, 12, 20, 20, 20, 30, 30, 30, 31, 31, 31);
    assertThat(batch.supervisedRows()).containsExactly(16, 18, 43);
    assertThat(batch.targets()).containsExactly(2, 4, 5);
  }

  @Test
  void theLengthCountsEveryTile() {
    TokenizedSample sample = sample("s", List.of(image(1, 3), image(2, 1)), 1, IMAGE, IMAGE, 2);
    assertThat(collator.lengthAt(sample, FOUR)).isEqualTo(18);
    assertThat(sample.lengthAt(FOUR, image -> 1)).isEqualTo(10);
    assertThat(collator.lengthAt(sample, VisionTokenCount.of(1))).isEqualTo(6);
  }

  @Test
  void theLimitOfTheModelHoldsForAllTilesTogether() {
    TokenizedSample fits = sample("fits", List.of(image(1, 4)), 1, IMAGE, 2);
    assertThat(collator.collate(List.of(fits), FOUR).sequenceLength()).isEqualTo(18);
    TokenizedSample sample = sample("long-1", List.of(image(1, 5)), 1, IMAGE, 2);
    assertThatThrownBy(() -> collator.collate(List.of(sample), FOUR))
        .hasMessageStartingWith("Sample long-1 has 22 tokens at 4 vision tokens per image");
  }

  @Test
  void aSampleWithoutAPictureForEachPlaceholderIsNamed() {
    for (int numImages : new int[] {1, 3}) {
      TokenizedSample sample =
          sample(
              "odd-1",
              List.of(image(1, 1), image(2, 1), image(3, 1)).subList(0, numImages),
              IMAGE,
              IMAGE,
              2);
      assertThatThrownBy(() -> collator.collate(List.of(sample), FOUR))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              String.format(
                  Locale.ROOT,
                  "Sample odd-1: %d images but 2 placeholders; fix the conversation or drop the sample",
                  numImages));
    }
  }

  @Test
  void aFileOfAnotherShapeThanStatedIsRefusedBeforeItOverwritesItsNeighbours() {
    DecodedPixels pixels =
        new DecodedPixels(new TilingTransform(4, 1, 4, true, LevelNormalization.SIGLIP));
    EncodedImage wide = Pictures.png(16, 8, 1);
    EncodedImage lying = new EncodedImage(wide.bytes(), 8, 8, "beef");
    assertThat(pixels.numTiles(wide)).isEqualTo(3);
    assertThatThrownBy(() -> pixels.write(lying, new byte[10_000], 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "Image beef is stored as 8 x 8 pixels (5 tiles) but its file has 16 x 8 (3 tiles);"
                + " prepare the dataset again");
  }

  @Test
  void aTransformToOblongTilesIsRefused() {
    assertThatThrownBy(
            () ->
                new DecodedPixels(
                    new ResizeTransform(8, 9, ResampleFilter.BICUBIC, LevelNormalization.SIGLIP)))
        .hasMessage(
            "The image processor makes 8 x 9 (height x width) pixels; a model here takes squares");
  }
}
