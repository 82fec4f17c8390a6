package io.tokenflex.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.withinPercentage;

import ai.djl.ndarray.NDManager;
import io.tokenflex.batches.BadSamples;
import io.tokenflex.batches.SkippedSample;
import io.tokenflex.checkpoint.Checkpoints;
import io.tokenflex.kernels.ComputeType;
import io.tokenflex.model.TokenFlexModel;
import io.tokenflex.samples.Sample;
import io.tokenflex.samples.SampleSource;
import io.tokenflex.storage.LocalStorage;
import io.tokenflex.testing.Ranks;
import io.tokenflex.testing.SpoiledSamples;
import io.tokenflex.testing.TinyRun;
import io.tokenflex.testing.TinySamples;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One sample that cannot be trained on does not end a run; many do. */
class SkippedSamplesTest {
  private static final SampleSource SAMPLES = new TinySamples(3, 9, 7, 11, 8, 6);
  private static final int NUM_SAMPLES = 41;

  /** What a rank was told and ended with. */
  private record Outcome(
      List<StepMetrics> steps, List<SkippedSample> skipped, Map<String, float[]> weights) {}

  @TempDir private Path folder;
  private int runs;

  private List<Outcome> train(int worldSize, TrainConfig config, SampleSource source) {
    Checkpoints checkpoints = new Checkpoints(new LocalStorage(folder.resolve("run-" + runs++)), 1);
    return Ranks.run(
        worldSize,
        group -> {
          List<StepMetrics> steps = new ArrayList<>();
          List<SkippedSample> skipped = new ArrayList<>();
          TrainingListener listener =
              new TrainingListener() {
                @Override
                public void stepDone(StepMetrics metrics) {
                  steps.add(metrics);
                }

                @Override
                public void samplesSkipped(long step, List<SkippedSample> more) {
                  skipped.addAll(more);
                }
              };
          try (NDManager manager = NDManager.newBaseManager("PyTorch");
              TokenFlexModel model =
                  TokenFlexModel.create(manager, TinyRun.model(), ComputeType.FP32)) {
            new Trainer(TinyRun.run(config, source), group, checkpoints, listener).train(model);
            return new Outcome(steps, skipped, weightsOf(model));
          }
        });
  }

  private static Map<String, float[]> weightsOf(TokenFlexModel model) {
    Map<String, float[]> weights = new TreeMap<>();
    model
        .parameters()
        .namedWeights()
        .forEach((name, array) -> weights.put(name, array.toFloatArray()));
    return weights;
  }

  private static void assertSame(Map<String, float[]> actual, Map<String, float[]> expected) {
    assertThat(actual.keySet()).isEqualTo(expected.keySet());
    actual.forEach((name, w) -> assertThat(w).as(name).isEqualTo(expected.get(name)));
  }

  private static TrainConfig config(
      long maxSteps, BadSamples onBadSample, double maxBadSampleFraction) {
    TrainConfig usual = TinyRun.config(maxSteps, 2, maxSteps);
    return new TrainConfig(
        usual.maxSteps(),
        usual.globalBatchSize(),
        usual.microBatchSize(),
        usual.lanes(),
        usual.windowRowGroups(),
        usual.prefetchSteps(),
        onBadSample,
        maxBadSampleFraction,
        usual.precision(),
        usual.activations(),
        usual.freeze(),
        usual.lora(),
        usual.optimizer(),
        usual.checkpointEverySteps(),
        usual.keepCheckpoints(),
        usual.collective(),
        usual.collectiveTimeout(),
        usual.checkpointTimeout());
  }

  private static SampleSource spoiled(Map<Integer, UnaryOperator<Sample>> byNumber) {
    Map<String, UnaryOperator<Sample>> byId = new HashMap<>();
    byNumber.forEach((number, spoil) -> byId.put("sample-" + number, spoil));
    return new SpoiledSamples(SAMPLES, byId);
  }

  private static SampleSource spoiledFrom(int first) {
    Map<Integer, UnaryOperator<Sample>> all = new HashMap<>();
    IntStream.range(first, NUM_SAMPLES).forEach(i -> all.put(i, SpoiledSamples::tooLong));
    return spoiled(all);
  }

  @Test
  void aRunGoesOnWithoutSamplesItCannotTrainOnAndCountsThemOnEveryRank() {
    SampleSource source =
        spoiled(
            Map.of(
                2, SpoiledSamples::tooLong,
                5, SpoiledSamples::withSpecialToken,
                11, SpoiledSamples::withDamagedPicture,
                20, SpoiledSamples::withoutAnswer));
    List<StepMetrics> alone = null;
    for (int worldSize : new int[] {1, 2, 4}) {
      List<Outcome> ranks = train(worldSize, config(12, BadSamples.SKIP, 0.2), source);
      List<StepMetrics> steps = ranks.get(0).steps();
      TreeSet<String> ids = new TreeSet<>();
      int told = 0;
      for (Outcome rank : ranks) {
        told += rank.skipped().size();
        rank.skipped().forEach(skipped -> ids.add(skipped.id()));
        rank.skipped().forEach(s -> assertThat(s.reason()).contains("Sample " + s.id()));
        assertSame(rank.weights(), ranks.get(0).weights());
      }
      assertThat(ids).containsExactly("sample-11", "sample-2", "sample-20", "sample-5");
      assertThat(steps.stream().mapToInt(StepMetrics::skippedSamples).sum()).isEqualTo(told);
      assertThat(steps).hasSize(12);
      alone = alone == null ? steps : alone;
      for (int i = 0; i < steps.size(); i++) {
        StepMetrics step = steps.get(i);
        String place = "step " + i + " on " + worldSize + " ranks";
        assertThat(step.samples() + step.skippedSamples()).as(place).isEqualTo(8);
        assertThat(step.samples()).as(place).isEqualTo(alone.get(i).samples());
        assertThat(step.numValidTokens()).as(place).isEqualTo(alone.get(i).numValidTokens());
        assertThat(step.loss()).as(place).isCloseTo(alone.get(i).loss(), withinPercentage(0.01));
      }
    }
  }

  @Test
  void ranksWithNothingToTrainOnStillTakePart() {
    for (int worldSize : new int[] {1, 4}) {
      List<Outcome> ranks = train(worldSize, config(12, BadSamples.SKIP, 1), spoiledFrom(1));
      List<StepMetrics> steps = ranks.get(0).steps();
      assertThat(steps).anyMatch(step -> step.samples() == 1 && step.loss() > 0);
      assertThat(steps)
          .filteredOn(step -> step.samples() == 0)
          .isNotEmpty()
          .allMatch(s -> s.loss() == 0 && s.numValidTokens() == 0 && s.skippedSamples() == 8);
      ranks.forEach(rank -> assertSame(rank.weights(), ranks.get(0).weights()));
    }
  }

  @Test
  void aStepWithoutAnySampleChangesNothing() throws IOException {
    Map<String, float[]> trained =
        train(2, config(3, BadSamples.SKIP, 1), spoiledFrom(0)).get(1).weights();
    try (NDManager manager = NDManager.newBaseManager("PyTorch");
        TokenFlexModel fresh = TokenFlexModel.create(manager, TinyRun.model(), ComputeType.FP32)) {
      InitialWeights.random(TinyRun.SEED).fill(fresh.parameters());
      assertSame(trained, weightsOf(fresh));
    }
  }

  @Test
  void tooManySkippedSamplesEndTheRunAndNameOneOfThem() {
    for (int worldSize : new int[] {1, 2}) {
      assertThatThrownBy(() -> train(worldSize, config(12, BadSamples.SKIP, 0.1), spoiledFrom(20)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageMatching(
              "\\d+ of \\d+ samples drawn since the run started or was resumed had to be skipped,"
                  + " more than train.maxBadSampleFraction = 0.1 allows. One of them: Sample"
                  + " sample-\\d+ has \\d+ tokens at \\d+ vision tokens per image, but the model has"
                  + " 256 positions; raise model.language.maxPositionEmbeddings or leave the sample"
                  + " out. Mend that, or allow more");
    }
  }

  @Test
  void aRunMayInsistOnEverySample() {
    assertThatThrownBy(
            () ->
                train(
                    1,
                    config(12, BadSamples.FAIL, 1),
                    spoiled(Map.of(7, SpoiledSamples::withSpecialToken))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "Sample sample-7: its text holds the special token <|im_end|>; remove it from the"
                + " text; or set train.onBadSample = skip");
  }
}
