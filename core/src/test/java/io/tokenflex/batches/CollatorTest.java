package io.tokenflex.batches;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tokenflex.image.ImageTransform;
import io.tokenflex.image.LevelNormalization;
import io.tokenflex.samples.EncodedImage;
import io.tokenflex.text.TokenizedSample;
import io.tokenflex.tokens.VisionTokenCount;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class CollatorTest {
  private static final long IMAGE = 90;
  private static final long PAD = 91;
  private static final VisionTokenCount FOUR = VisionTokenCount.of(4);

  /** Fills a picture's pixels with its first byte. */
  private static class FirstByte implements PixelTransform {
    @Override
    public int imageSize() {
      return 2;
    }

    @Override
    public LevelNormalization normalization() {
      return LevelNormalization.SIGLIP;
    }

    @Override
    public void write(EncodedImage image, byte[] levels, int offset) {
      Arrays.fill(levels, offset, offset + 3 * 2 * 2, image.bytes()[0]);
    }
  }

  private final Collator collator = new Collator(new FirstByte(), IMAGE, PAD, 12);

  private static EncodedImage image(int firstByte) {
    return new EncodedImage(new byte[] {(byte) firstByte}, 1, 1, "cafe");
  }

  /** A sample whose last {@code numSupervised} tokens are targets. */
  private static TokenizedSample sample(
      String id, List<EncodedImage> images, int numSupervised, long... ids) {
    boolean[] supervised = new boolean[ids.length];
    Arrays.fill(supervised, ids.length - numSupervised, ids.length, true);
    return new TokenizedSample(id, ids, supervised, images);
  }

  @Test
  void placeholdersExpandAndShorterSamplesArePadded() {
    MicroBatch batch =
        collator.collate(
            List.of(
                sample("one", List.of(image(5)), 2, 1, IMAGE, 2, 3),
                sample("two", List.of(), 1, 4, 6),
                sample("three", List.of(image(7), image(8)), 1, IMAGE, IMAGE, 9)),
            FOUR);
    assertThat(batch.sampleIds()).containsExactly("one", "two", "three");
    assertThat(batch.sequenceLength()).isEqualTo(9);
    long i = IMAGE;
    long p = PAD;
    assertThat(batch.inputIds())
        .containsExactly(
            1, i, i, i, i, 2, 3, p, p, // one
            4, 6, p, p, p, p, p, p, p, // two
            i, i, i, i, i, i, i, i, 9);
    assertThat(batch.visionPositions()).containsExactly(1, 2, 3, 4, 18, 19, 20, 21, 22, 23, 24, 25);
    assertThat(batch.numImages()).isEqualTo(3);
    byte[] levels = new byte[3 * 12];
    Arrays.fill(levels, 0, 12, (byte) 5);
    Arrays.fill(levels, 12, 24, (byte) 7);
    Arrays.fill(levels, 24, 36, (byte) 8);
    Pixels.Levels pixels = (Pixels.Levels) batch.pixels();
    assertThat(pixels.levels()).isEqualTo(levels);
    assertThat(pixels.normalization()).isEqualTo(LevelNormalization.SIGLIP);
  }

  @Test
  void eachTargetIsPredictedByThePositionBeforeIt() {
    MicroBatch batch =
        collator.collate(
            List.of(
                sample("one", List.of(image(5)), 2, 1, IMAGE, 2, 3),
                sample("two", List.of(), 1, 4, 6)),
            FOUR);
    assertThat(batch.supervisedRows()).containsExactly(4, 5, 7);
    assertThat(batch.targets()).containsExactly(2, 3, 6);
    assertThat(batch.numValidTokens()).isEqualTo(3);
    for (int k = 0; k < batch.targets().length; k++) {
      assertThat(batch.inputIds()[(int) batch.supervisedRows()[k] + 1])
          .as("target %d", k)
          .isEqualTo(batch.targets()[k]);
    }
  }

  @Test
  void theRunOfPlaceholdersFollowsTheTokenCount() {
    TokenizedSample sample = sample("s", List.of(image(1)), 1, 1, IMAGE, 2);
    for (int count : new int[] {1, 4, 9}) {
      MicroBatch batch = collator.collate(List.of(sample), VisionTokenCount.of(count));
      assertThat(Arrays.stream(batch.inputIds()).filter(id -> id == IMAGE).count())
          .isEqualTo(count);
      assertThat(batch.sequenceLength()).isEqualTo(2 + count);
    }
  }

  @Test
  void aSampleTooLongForTheModelIsNamedWithTheSetting() {
    TokenizedSample sample = sample("long-1", List.of(image(1)), 1, 1, IMAGE, 2);
    assertThatThrownBy(() -> collator.collate(List.of(sample), VisionTokenCount.of(16)))
        .isInstanceOf(BadSampleException.class)
        .hasMessage(
            "Sample long-1 has 18 tokens at 16 vision tokens per image, but the model has 12"
                + " positions; raise model.language.maxPositionEmbeddings or leave the sample out");
  }

  @Test
  void theNumberOfThreadsChangesNothing() {
    List<TokenizedSample> samples =
        IntStream.range(0, 20)
            .mapToObj(i -> sample("s" + i, List.of(image(i), image(100 + i)), 1, IMAGE, IMAGE, i))
            .toList();
    MicroBatch alone = collator.collate(samples, FOUR);
    try (PictureThreads threads = new PictureThreads(3)) {
      MicroBatch beside =
          new Collator(new FirstByte(), IMAGE, PAD, 12, threads).collate(samples, FOUR);
      assertThat(levels(beside)).isEqualTo(levels(alone));
      assertThat(beside.inputIds()).isEqualTo(alone.inputIds());
      assertThat(beside.targets()).isEqualTo(alone.targets());
    }
  }

  private static byte[] levels(MicroBatch batch) {
    return ((Pixels.Levels) batch.pixels()).levels();
  }

  /** Whichever thread meets a damaged picture first: what is skipped must not depend on luck. */
  @Test
  void theFirstOfSeveralDamagedPicturesIsNamed() {
    PixelTransform slowToFail =
        new FirstByte() {
          @Override
          public void write(EncodedImage image, byte[] levels, int offset) {
            int number = image.bytes()[0];
            if (number % 2 == 1) {
              LockSupport.parkNanos(Duration.ofMillis(200 - 10 * number).toNanos());
              throw new IllegalArgumentException("damaged");
            }
          }
        };
    List<TokenizedSample> samples =
        IntStream.range(0, 12)
            .mapToObj(i -> sample("s" + i, List.of(image(i)), 1, IMAGE, i))
            .toList();
    for (int numThreads : new int[] {1, 2, 5}) {
      try (PictureThreads threads = new PictureThreads(numThreads)) {
        Collator collating = new Collator(slowToFail, IMAGE, PAD, 12, threads);
        assertThatThrownBy(() -> collating.collate(samples, FOUR))
            .isInstanceOf(BadSampleException.class)
            .hasMessageStartingWith("Sample s1: ");
      }
    }
  }

  @Test
  void anErrorOfAThreadIsNoDamagedPicture() {
    try (PictureThreads threads = new PictureThreads(2)) {
      assertThatThrownBy(
              () ->
                  threads.run(
                      List.of(
                          () -> {},
                          () -> {
                            throw new OutOfMemoryError("played");
                          })))
          .isInstanceOf(OutOfMemoryError.class);
    }
  }

  @Test
  void whoIsInterruptedWaitsForNoPicture() {
    try (PictureThreads threads = new PictureThreads(2)) {
      Thread.currentThread().interrupt();
      List<Runnable> endless = List.of(() -> LockSupport.parkNanos(Duration.ofHours(1).toNanos()));
      assertThatThrownBy(() -> threads.run(endless)).isInstanceOf(CancellationException.class);
      assertThat(Thread.interrupted()).isTrue();
    }
  }

  @Test
  void aPictureThatCannotBeDecodedIsNamedWithItsSample() {
    Collator decoding = new Collator(new DecodedPixels(ImageTransform.siglip(16)), IMAGE, PAD, 12);
    TokenizedSample sample = sample("broken-1", List.of(image(1)), 1, 1, IMAGE, 2);
    assertThatThrownBy(() -> decoding.collate(List.of(sample), FOUR))
        .isInstanceOf(BadSampleException.class)
        .hasMessageStartingWith("Sample broken-1: image cafe cannot be decoded: ")
        .hasMessageEndingWith(". Prepare the dataset again");
  }
}
