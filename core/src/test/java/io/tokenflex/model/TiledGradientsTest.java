package io.tokenflex.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDManager;
import io.tokenflex.Golden;
import io.tokenflex.batches.Collator;
import io.tokenflex.batches.DecodedPixels;
import io.tokenflex.batches.MicroBatch;
import io.tokenflex.batches.Pixels;
import io.tokenflex.image.ImageTransform;
import io.tokenflex.image.LevelNormalization;
import io.tokenflex.image.ResampleFilter;
import io.tokenflex.image.Resampler;
import io.tokenflex.image.RgbImage;
import io.tokenflex.image.SeededPicture;
import io.tokenflex.image.TilingTransform;
import io.tokenflex.kernels.ComputeType;
import io.tokenflex.samples.EncodedImage;
import io.tokenflex.testing.Losses;
import io.tokenflex.testing.Pictures;
import io.tokenflex.testing.TinyRun;
import io.tokenflex.text.TokenizedSample;
import io.tokenflex.tokens.VisionTokenCount;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * A model sees tiles as so many pictures in a row: a batch with one, three and seven tiles against
 * samples whose pictures were cut up beforehand, one sample at a time.
 */
@Tag("gpu")
class TiledGradientsTest {
  private static final long IMAGE = 1000;
  private static final long PAD = 1001;
  private static final int SIZE = TinyRun.model().vision().imageSize();
  private static final VisionTokenCount FOUR = VisionTokenCount.of(4);
  private static final TilingTransform TILING =
      new TilingTransform(SIZE, 1, 6, true, LevelNormalization.SIGLIP);

  private static Collator collator(ImageTransform transform) {
    return new Collator(
        new DecodedPixels(transform),
        IMAGE,
        PAD,
        TinyRun.model().language().maxPositionEmbeddings());
  }

  private static TokenizedSample sample(String id, List<EncodedImage> images, long... ids) {
    boolean[] supervised = new boolean[ids.length];
    for (int i = 1; i < ids.length; i++) {
      supervised[i] = ids[i] != IMAGE;
    }
    return new TokenizedSample(id, ids, supervised, images);
  }

  /** Pictures of 7, 1 and 3 tiles in two samples, and a sample of text. */
  private static List<TokenizedSample> tiled() {
    return List.of(
        sample("a", List.of(Pictures.png(50, 31, 1)), 5, IMAGE, 6, 7),
        sample("b", List.of(), 8, 9),
        sample(
            "c",
            List.of(Pictures.png(20, 21, 2), Pictures.png(11, 24, 3)),
            IMAGE,
            10,
            11,
            IMAGE,
            12,
            13));
  }

  /** The same samples with a placeholder and a picture for every tile. */
  private static List<TokenizedSample> cut() {
    List<EncodedImage> second = new ArrayList<>(cut(SeededPicture.of(20, 21, 2), 1, 1));
    second.addAll(cut(SeededPicture.of(11, 24, 3), 1, 2));
    return List.of(
        sample("a", cut(SeededPicture.of(50, 31, 1), 3, 2), withPlaceholders(7, 1, 5, 6, 7)),
        sample("b", List.of(), 8, 9),
        sample(
            "c",
            second,
            LongStream.concat(
                    LongStream.of(IMAGE, 10, 11), Arrays.stream(withPlaceholders(3, 0, 12, 13)))
                .toArray()));
  }

  private static long[] withPlaceholders(int count, int at, long... ids) {
    return LongStream.concat(
            LongStream.concat(
                Arrays.stream(ids, 0, at), LongStream.generate(() -> IMAGE).limit(count)),
            Arrays.stream(ids, at, ids.length))
        .toArray();
  }

  private static List<EncodedImage> cut(RgbImage picture, int columns, int rows) {
    RgbImage large = resample(picture, columns, rows);
    List<EncodedImage> tiles = new ArrayList<>();
    for (int i = 0; i < columns * rows; i++) {
      tiles.add(Pictures.png(large, i % columns * SIZE, i / columns * SIZE, SIZE, SIZE));
    }
    if (tiles.size() > 1) {
      tiles.add(Pictures.png(resample(picture, 1, 1), 0, 0, SIZE, SIZE));
    }
    return tiles;
  }

  private static RgbImage resample(RgbImage picture, int columns, int rows) {
    return Resampler.resample(picture, columns * SIZE, rows * SIZE, ResampleFilter.BICUBIC);
  }

  @Test
  void aTiledBatchIsTheBatchOfItsTiles() {
    MicroBatch tiled = collator(TILING).collate(tiled(), FOUR);
    MicroBatch cut = collator(ImageTransform.siglip(SIZE)).collate(cut(), FOUR);
    assertThat(tiled.numImages()).isEqualTo(11);
    assertThat(tiled.numImages()).isEqualTo(cut.numImages());
    assertThat(tiled.sequenceLength()).isEqualTo(cut.sequenceLength());
    assertThat(tiled.inputIds()).isEqualTo(cut.inputIds());
    assertThat(tiled.visionPositions()).isEqualTo(cut.visionPositions());
    assertThat(tiled.supervisedRows()).isEqualTo(cut.supervisedRows());
    assertThat(tiled.targets()).isEqualTo(cut.targets());
    assertThat(levels(tiled)).isEqualTo(levels(cut));
  }

  private static byte[] levels(MicroBatch batch) {
    return ((Pixels.Levels) batch.pixels()).levels();
  }

  @Test
  void lossAndGradientsAreTheSumOverItsSamplesCutUpBeforehand() {
    try (NDManager manager = NDManager.newBaseManager("PyTorch");
        TokenFlexModel together = model(manager);
        TokenFlexModel oneByOne = model(manager)) {
      double loss =
          Losses.addGradients(
              together,
              collator(TILING).collate(tiled(), FOUR),
              ActivationPolicy.KEEP,
              segment -> {});
      double sum = 0;
      Collator collator = collator(ImageTransform.siglip(SIZE));
      for (TokenizedSample sample : cut()) {
        sum +=
            Losses.addGradients(
                oneByOne,
                collator.collate(List.of(sample), FOUR),
                ActivationPolicy.KEEP,
                segment -> {});
      }
      assertThat(loss).isCloseTo(sum, within(1e-4));
      Map<String, float[]> expected = gradients(oneByOne);
      Map<String, float[]> actual = gradients(together);
      assertThat(actual.keySet()).isEqualTo(expected.keySet());
      actual.forEach((name, values) -> Golden.assertClose(name, values, expected.get(name)));
      double largest =
          expected.values().stream().flatMapToDouble(TiledGradientsTest::sizes).max().orElse(0);
      assertThat(largest).as("largest gradient").isGreaterThan(0.1);
    }
  }

  private static DoubleStream sizes(float[] values) {
    return IntStream.range(0, values.length).mapToDouble(i -> Math.abs(values[i]));
  }

  private static TokenFlexModel model(NDManager manager) {
    TokenFlexModel model = TokenFlexModel.create(manager, TinyRun.model(), ComputeType.FP32);
    model.parameters().initialize(TinyRun.SEED);
    model.parameters().segments().forEach(Segment::enableTraining);
    return model;
  }

  private static Map<String, float[]> gradients(TokenFlexModel model) {
    Map<String, float[]> gradients = new TreeMap<>();
    model
        .parameters()
        .namedGradients()
        .forEach((name, gradient) -> gradients.put(name, gradient.toFloatArray()));
    return gradients;
  }
}
