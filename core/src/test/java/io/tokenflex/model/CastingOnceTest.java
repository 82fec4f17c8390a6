package io.tokenflex.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.tokenflex.batches.MicroBatch;
import io.tokenflex.kernels.ComputeType;
import io.tokenflex.kernels.KernelVariant;
import io.tokenflex.testing.Losses;
import io.tokenflex.testing.TinyRun;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Passes that share one cast of the weights give the bits of passes that cast them each. */
class CastingOnceTest {
  private static final ModelConfig TINY = TinyRun.model();
  private static final Set<String> ADAPTED =
      Set.of(
          "vision_model.encoder.layers.0.mlp.fc1.weight",
          "language_model.model.layers.0.self_attn.q_proj.weight",
          "language_model.model.layers.1.mlp.up_proj.weight");

  private static KernelVariant casting(KernelVariant variant, boolean once) {
    return new KernelVariant(
        variant.widensBf16(), variant.attendsByProducts(), variant.groupsHeads(), once);
  }

  static Stream<KernelVariant> variants() {
    return Stream.of(KernelVariant.GPU, KernelVariant.BF16_PROCESSOR, KernelVariant.PROCESSOR);
  }

  /** A head of its own, norms of queries and keys. */
  private static ModelConfig untied() {
    return new ModelConfig(
        TINY.vision(),
        TINY.projector(),
        new LanguageConfig(
            1100,
            16,
            32,
            2,
            4,
            2,
            4,
            256,
            10_000,
            1e-6,
            false,
            false,
            true,
            new RopeScaling.None()));
  }

  /** What is made ready to train; returns the segments with gradients. */
  private interface Trained {
    List<Segment> of(TokenFlexModel model);
  }

  private static List<Segment> everything(TokenFlexModel model) {
    model.parameters().segments().forEach(Segment::enableTraining);
    return model.parameters().segments();
  }

  /** Losses and gradients of two steps of two passes, the second step with other weights. */
  private static List<float[]> twoSteps(
      ModelConfig config, KernelVariant variant, ActivationPolicy policy, Trained trained)
      throws IOException {
    MicroBatch batch = GradientsTest.batch();
    List<float[]> found = new ArrayList<>();
    try (NDManager manager = NDManager.newBaseManager("PyTorch");
        TokenFlexModel model = TokenFlexModel.create(manager, config, ComputeType.BF16, variant)) {
      List<Segment> segments = trained.of(model);
      for (int seed = 1; seed <= 2; seed++) {
        model.parameters().initialize(seed);
        model.adapters().ifPresent(LowRankAdapters::attach);
        model.castingOnce(
            () -> {
              for (int pass = 0; pass < 2; pass++) {
                found.add(new float[] {(float) Losses.addGradients(model, batch, policy, s -> {})});
              }
            });
        segments.forEach(segment -> found.add(segment.gradients().toFloatArray()));
      }
    }
    return found;
  }

  private static void areTheSameBits(
      ModelConfig config, KernelVariant variant, ActivationPolicy policy, Trained trained)
      throws IOException {
    List<float[]> each = twoSteps(config, casting(variant, false), policy, trained);
    List<float[]> once = twoSteps(config, casting(variant, true), policy, trained);
    assertThat(once).hasSameSizeAs(each);
    for (int i = 0; i < each.size(); i++) {
      assertThat(each.get(i)).as("array %d", i).isNotEqualTo(new float[each.get(i).length]);
      assertThat(once.get(i)).as("array %d", i).isEqualTo(each.get(i));
    }
  }

  @ParameterizedTest
  @MethodSource("variants")
  void onEveryDevice(KernelVariant variant) throws IOException {
    areTheSameBits(TINY, variant, ActivationPolicy.KEEP, CastingOnceTest::everything);
    areTheSameBits(untied(), variant, ActivationPolicy.RECOMPUTE, CastingOnceTest::everything);
  }

  @ParameterizedTest
  @EnumSource
  void withEveryTower(VisionFamily family) throws IOException {
    areTheSameBits(
        VisionFamiliesTrainTest.model(family),
        KernelVariant.BF16_PROCESSOR,
        ActivationPolicy.KEEP,
        CastingOnceTest::everything);
  }

  @ParameterizedTest
  @MethodSource("variants")
  void withAdaptersAndPartsThatAreFrozen(KernelVariant variant) throws IOException {
    areTheSameBits(
        TINY,
        variant,
        ActivationPolicy.KEEP,
        model -> {
          LowRankAdapters adapters = model.addAdapters(ADAPTED, 3, 0.5);
          adapters.initialize(5);
          adapters.segments().forEach(CastingOnceTest::addOne); // B of zero gives A no gradient
          return adapters.segments();
        });
  }

  private static void addOne(Segment segment) {
    try (NDArray one = segment.weights().onesLike()) {
      segment.weights().addi(one);
    }
  }

  @Test
  void kernelsAreGivenTheWeightsAgainEvenAfterAFailure() throws IOException {
    try (NDManager manager = NDManager.newBaseManager("PyTorch");
        TokenFlexModel model =
            TokenFlexModel.create(
                manager, TINY, ComputeType.BF16, casting(KernelVariant.BF16_PROCESSOR, true))) {
      everything(model);
      model.parameters().initialize(1);
      assertThatThrownBy(
              () ->
                  model.castingOnce(
                      () -> {
                        throw new IllegalStateException("broken off");
                      }))
          .hasMessage("broken off");
      for (Segment segment : model.parameters().segments()) {
        for (int i = 0; i < segment.operands().size(); i++) {
          assertThat(segment.given().get(i)).isSameAs(segment.operands().get(i));
        }
      }
      assertThat(Losses.addGradients(model, GradientsTest.batch(), ActivationPolicy.KEEP, s -> {}))
          .isPositive();
    }
  }
}
