package io.tokenflex.model;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDManager;
import io.tokenflex.batches.Collator;
import io.tokenflex.batches.DecodedPixels;
import io.tokenflex.batches.MicroBatch;
import io.tokenflex.image.ImageTransform;
import io.tokenflex.kernels.ComputeType;
import io.tokenflex.testing.Losses;
import io.tokenflex.testing.TinyRun;
import io.tokenflex.testing.TinySamples;
import io.tokenflex.text.ChatMlTemplate;
import io.tokenflex.text.HuggingFaceTokenizer;
import io.tokenflex.tokens.VisionTokenCount;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What may change how gradients are computed, but not what they are. */
@Tag("gpu")
class GradientsTest {
  /** Mantissas of 8 bits through 9 layers; the smallest model is the worst case. */
  private static final double BF16_TOLERANCE = 0.05;

  static MicroBatch batch() throws IOException {
    try (HuggingFaceTokenizer tokenizer = new HuggingFaceTokenizer(TinyRun.tokenizerJson())) {
      ChatMlTemplate template = new ChatMlTemplate(tokenizer);
      Collator collator =
          new Collator(
              new DecodedPixels(ImageTransform.siglip(TinyRun.model().vision().imageSize())),
              template.imageTokenId(),
              template.endOfTurnId(),
              TinyRun.model().language().maxPositionEmbeddings());
      return collator.collate(
          new TinySamples(3, 4).readRowGroup(0).stream().map(template::encode).toList(),
          VisionTokenCount.of(4));
    }
  }

  /** Gradients by parameter name, and the segments in the order in which they were completed. */
  private record Result(Map<String, float[]> gradients, List<String> completed) {}

  private static Result gradients(ComputeType type, ActivationPolicy policy, String frozenPrefix)
      throws IOException {
    try (NDManager manager = NDManager.newBaseManager("PyTorch");
        TokenFlexModel model = TokenFlexModel.create(manager, TinyRun.model(), type)) {
      model.parameters().initialize(TinyRun.SEED);
      for (Segment segment : model.parameters().segments()) {
        if (!segment.name().startsWith(frozenPrefix)) {
          segment.enableTraining();
        }
      }
      List<String> completed = new ArrayList<>();
      Losses.addGradients(model, batch(), policy, segment -> completed.add(segment.name()));
      Map<String, float[]> gradients = new TreeMap<>();
      model
          .parameters()
          .namedGradients()
          .forEach((name, gradient) -> gradients.put(name, gradient.toFloatArray()));
      return new Result(gradients, completed);
    }
  }

  private static Result everything(ComputeType type, ActivationPolicy policy) throws IOException {
    return gradients(type, policy, "nothing");
  }

  @Test
  void recomputedActivationsGiveTheSameBits() throws IOException {
    Map<String, float[]> kept = everything(ComputeType.FP32, ActivationPolicy.KEEP).gradients();
    Map<String, float[]> recomputed =
        everything(ComputeType.FP32, ActivationPolicy.RECOMPUTE).gradients();
    assertThat(recomputed.keySet()).isEqualTo(kept.keySet());
    kept.forEach((name, values) -> assertThat(recomputed.get(name)).as(name).isEqualTo(values));
  }

  @Test
  void aFrozenVisionTowerGetsNoGradientsAndChangesNoOthers() throws IOException {
    Result all = everything(ComputeType.FP32, ActivationPolicy.KEEP);
    for (ActivationPolicy policy : ActivationPolicy.values()) {
      Result frozen = gradients(ComputeType.FP32, policy, "vision_model");
      assertThat(frozen.gradients()).isNotEmpty();
      assertThat(frozen.gradients().keySet())
          .isEqualTo(
              all.gradients().keySet().stream()
                  .filter(name -> !name.startsWith("vision_model"))
                  .collect(Collectors.toSet()));
      frozen
          .gradients()
          .forEach(
              (name, values) -> assertThat(values).as(name).isEqualTo(all.gradients().get(name)));
    }
  }

  @Test
  void everySegmentIsCompletedOnceWhateverIsFrozen() throws IOException {
    List<String> order = everything(ComputeType.FP32, ActivationPolicy.KEEP).completed();
    assertThat(order).doesNotHaveDuplicates().hasSize(9);
    for (String frozen : List.of("vision_model", "projector", "language_model")) {
      List<String> completed =
          gradients(ComputeType.FP32, ActivationPolicy.KEEP, frozen).completed().stream()
              .filter(name -> !name.startsWith(frozen))
              .toList();
      assertThat(completed)
          .as("trained segments when %s is frozen", frozen)
          .isEqualTo(order.stream().filter(name -> !name.startsWith(frozen)).toList());
    }
  }

  @Test
  void bfloatGradientsAreThoseOfFp32ToItsPrecision() throws IOException {
    Map<String, float[]> exact = everything(ComputeType.FP32, ActivationPolicy.KEEP).gradients();
    Map<String, float[]> rounded = everything(ComputeType.BF16, ActivationPolicy.KEEP).gradients();
    double squaredDifference = 0;
    double squared = 0;
    for (Map.Entry<String, float[]> entry : exact.entrySet()) {
      float[] others = rounded.get(entry.getKey());
      for (int i = 0; i < others.length; i++) {
        squaredDifference += Math.pow(entry.getValue()[i] - others[i], 2);
        squared += Math.pow(entry.getValue()[i], 2);
      }
    }
    assertThat(Math.sqrt(squaredDifference / squared))
        .as("L2 norm of the difference over that of the gradient")
        .isBetween(1e-6, BF16_TOLERANCE);
  }
}
