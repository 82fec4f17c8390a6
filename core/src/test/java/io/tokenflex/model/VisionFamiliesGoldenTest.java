package io.tokenflex.model;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.tokenflex.Parity;
import io.tokenflex.kernels.ComputeType;
import io.tokenflex.names.NameTable;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Tag("gpu")
class VisionFamiliesGoldenTest {
  /** Eight bits of mantissa are 0.4 %; a few layers add up to no more than this. */
  private static final double BF16_BOUND = 0.02;

  static List<String> published() {
    return List.of(
        "siglip",
        "siglip_without_post_norm",
        "siglip2",
        "clip_openai",
        "clip_laion",
        "internvl_300m",
        "internvl_6b",
        "internvit_300m",
        "internvit_6b");
  }

  private double maxHidden;
  private double maxGradient;

  @ParameterizedTest
  @MethodSource("published")
  void everyHiddenStateAndEveryGradientEqualsThePublishedTower(String name) {
    try (PublishedTower tower = new PublishedTower(name, ComputeType.FP32);
        Tape tape = new Tape(tower.kernels, tower.manager, ActivationPolicy.KEEP)) {
      tower.arena.segments().forEach(Segment::enableTraining);

      NDArray x = tower.golden.array(tower.manager, "inputs.pixel_values");
      int hidden = tower.config.family().hasPreNorm() ? -1 : 0; // none is kept before CLIP's norm
      for (Layer layer : tower.layers) {
        x = tape.apply(layer, x);
        if (hidden >= 0 && hidden <= tower.config.numBuiltLayers()) {
          assertHidden(tower, hidden, x);
        }
        hidden++;
      }
      double features =
          Parity.maxDifference(
              name + " features", x.toFloatArray(), tower.golden.floats("outputs.features"));
      tape.backward(tower.golden.array(tower.manager, "inputs.upstream"), false, segment -> {});

      Map<String, float[]> expected = tower.imported(tower.golden.below("grads."));
      Map<String, NDArray> gradients = tower.arena.namedGradients();
      assertThat(gradients.keySet()).containsExactlyInAnyOrderElementsOf(expected.keySet());
      gradients.forEach(
          (key, gradient) ->
              maxGradient =
                  Math.max(
                      maxGradient,
                      Parity.maxDifference(
                          name + " " + key, gradient.toFloatArray(), expected.get(key))));
      Parity.record("vision", name, "hidden states", maxHidden);
      Parity.record("vision", name, "features", features);
      Parity.record("vision", name, "gradients", maxGradient);
      System.out.printf(
          "%s: max difference of hidden states %.2e, features %.2e, gradients %.2e%n",
          name, maxHidden, features, maxGradient);
    }
  }

  private void assertHidden(PublishedTower tower, int hidden, NDArray x_ITD) {
    String key = "outputs.hidden_states." + hidden;
    Shape shape = tower.golden.shape(key);
    int width = Math.toIntExact(shape.get(2));
    int tokens = Math.toIntExact(shape.get(1));
    int dropped = tokens - Math.toIntExact(x_ITD.getShape().get(1));
    assertThat(dropped)
        .isEqualTo(hidden == tower.config.numBuiltLayers() ? tower.config.numLeadingTokens() : 0);
    float[] expected = tower.golden.floats(key);
    float[] kept = new float[Math.toIntExact(x_ITD.size())];
    int row = (tokens - dropped) * width;
    for (int image = 0; image < shape.get(0); image++) {
      int from = (image * tokens + dropped) * width;
      System.arraycopy(expected, from, kept, image * row, row);
    }
    maxHidden = Math.max(maxHidden, Parity.maxDifference(key, x_ITD.toFloatArray(), kept));
  }

  @ParameterizedTest
  @MethodSource("published")
  void everyPublishedTensorIsReadOrUnusedAndComesBackBitEqual(String name) {
    try (PublishedTower tower = new PublishedTower(name, ComputeType.FP32)) {
      Map<String, float[]> published = tower.golden.below("published.");
      Map<String, NDArray> ours = tower.arena.namedWeights();
      assertThat(tower.imported(published).keySet())
          .containsExactlyInAnyOrderElementsOf(ours.keySet());

      Set<String> exported = new HashSet<>();
      for (String our : ours.keySet()) {
        NameTable.Row row = tower.names.findOurs(our).orElseThrow();
        assertThat(row.ours()).contains(our);
        if (!exported.add(row.published())) {
          continue;
        }
        List<Float> values = new ArrayList<>();
        for (String part : row.ours()) {
          for (float value : ours.get(part).toFloatArray()) {
            values.add(value);
          }
        }
        assertThat(values).as(row.published()).isEqualTo(boxed(published.get(row.published())));
        long[] shape = tower.golden.shape("published." + row.published()).getShape();
        long[] ourShape = ours.get(our).getShape().getShape();
        assertThat(row.ourShape(shape)).isEqualTo(ourShape);
        assertThat(row.publishedShape(ourShape)).isEqualTo(shape);
      }
      for (String rest : published.keySet()) {
        boolean unused = tower.names.find(rest).orElseThrow().ours().isEmpty();
        assertThat(unused).as(rest).isNotEqualTo(exported.contains(rest));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("published")
  void bf16StaysCloseToFp32(String name) {
    try (PublishedTower exact = new PublishedTower(name, ComputeType.FP32);
        PublishedTower rounded = new PublishedTower(name, ComputeType.BF16)) {
      float[] expected = exact.features().toFloatArray();
      float[] actual = rounded.features().toFloatArray();
      double largest = 0;
      double worst = 0;
      for (int i = 0; i < expected.length; i++) {
        largest = Math.max(largest, Math.abs(expected[i]));
        worst = Math.max(worst, Math.abs(actual[i] - expected[i]));
      }
      Parity.record("vision", name, "bf16 features", worst / largest);
      System.out.printf("%s: bf16 is off by %.4f of the largest feature%n", name, worst / largest);
      assertThat(worst / largest).as(name).isPositive().isLessThan(BF16_BOUND);
    }
  }

  private static List<Float> boxed(float[] values) {
    List<Float> list = new ArrayList<>();
    for (float value : values) {
      list.add(value);
    }
    return list;
  }
}
