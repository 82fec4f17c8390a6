package io.tokenflex.lora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.tokenflex.model.LanguageConfig;
import io.tokenflex.model.ModelConfig;
import io.tokenflex.testing.TinyRun;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LoraLayoutTest {
  private static final ModelConfig TIED = TinyRun.model();
  private static final ModelConfig UNTIED =
      new ModelConfig(
          TIED.vision(),
          TIED.projector(),
          new LanguageConfig(1100, 16, 32, 2, 4, 2, 4, 256, 10_000, 1e-6, false));

  private static LoraLayout layout(
      ModelConfig model, List<String> targets, List<String> modulesToSave, String... frozen) {
    return new LoraLayout(
        model,
        new PeftConfig(4, 8, false, targets, modulesToSave),
        Optional.empty(),
        segment -> List.of(frozen).stream().anyMatch(segment::startsWith));
  }

  private static void assertRefused(
      List<String> targets, List<String> modulesToSave, String... message) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> layout(UNTIED, targets, modulesToSave))
        .satisfies(e -> assertThat(e.getMessage()).contains(message));
  }

  @Test
  void aTargetIsTheEndOfAPathInTheExportedModel() {
    assertThat(layout(TIED, List.of("layers.0.self_attn.q_proj", "projector.g"), List.of()))
        .satisfies(
            layout ->
                assertThat(layout.adapted())
                    .containsOnlyKeys(
                        "vision_model.vision_model.encoder.layers.0.self_attn.q_proj",
                        "language_model.model.layers.0.self_attn.q_proj",
                        "projector.g")
                    .containsEntry(
                        "vision_model.vision_model.encoder.layers.0.self_attn.q_proj",
                        "vision_model.encoder.layers.0.self_attn.q_proj.weight"));
  }

  @Test
  void allLinearLeavesOutTheHeadAndWhatTrainsInFull() {
    // 2 x (q, k, v, out, fc1, fc2) and 2 x (q, k, v, o, gate, up, down)
    assertThat(layout(UNTIED, List.of("all-linear"), List.of("projector")).adapted())
        .hasSize(12 + 14)
        .doesNotContainKey("language_model.lm_head");
    assertThat(layout(UNTIED, List.of("all-linear"), List.of()).adapted()).hasSize(12 + 14 + 3);
  }

  @Test
  void whatFindsNothingOrNoLinearLayerIsRefusedWithAChoice() {
    assertRefused(
        List.of("q_proj", "query"),
        List.of(),
        "query is the name or the end of the path of no module",
        "down_proj, f1, f2, fc1, fc2, g, gate_proj, k_proj, o_proj, out_proj, q_proj, up_proj,"
            + " v_proj");
    assertRefused(
        List.of("proj"), List.of(), "proj is the name or the end of the path of no module");
    assertRefused(List.of("self_attn"), List.of(), "self_attn, which is no linear layer");
    assertRefused(List.of("embed_tokens"), List.of(), "embed_tokens, which is no linear layer");
    assertRefused(List.of("patch_embedding"), List.of(), "patch_embedding, which is no linear");
    assertRefused(List.of("input_layernorm"), List.of(), "input_layernorm, which is no linear");
    assertRefused(
        List.of("lm_head"), List.of(), "language_model.lm_head, which is no linear layer");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> layout(TIED, List.of("fc1"), List.of(), "vision_model"))
        .withMessageContaining("match only layers that train.freeze freezes");
    assertRefused(List.of("f1"), List.of("projector"), "or that modulesToSave trains in full");
  }

  @Test
  void whatCannotTrainInFullIsRefused() {
    List<String> targets = List.of("q_proj");
    assertRefused(targets, List.of("projectors"), "projectors is no module");
    assertRefused(targets, List.of("norm"), "norm is the end of", " too; give the path");
    assertRefused(targets, List.of("f1"), "projector.f1.weight", "trains only together with");
    assertRefused(targets, List.of("lm_head"), "only together with [language_model.model.norm");
    assertRefused(targets, List.of("vision_model"), "vision_model lies around others");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> layout(TIED, targets, List.of("embed_tokens")))
        .withMessageContaining("PEFT would train it apart");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> layout(TIED, targets, List.of("projector"), "projector"))
        .withMessageContaining("which train.freeze freezes");
    assertThat(
            layout(UNTIED, targets, List.of("lm_head", "language_model.model.norm"))
                .config()
                .modulesToSave())
        .hasSize(2);
  }

  @Test
  void aConfigWithoutAnAdapterMustBeComplete() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                new LoraConfig(
                    Optional.of(4),
                    Optional.of(8.0),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty()))
        .withMessageContaining("targets is missing; give one, for instance targets = [q_proj");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TinyRun.lora(0, 8, List.of("q_proj"), List.of()))
        .withMessage("rank is 0; expected at least 1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TinyRun.lora(4, 0, List.of("q_proj"), List.of()))
        .withMessageContaining("alpha is 0.0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TinyRun.lora(4, 8, List.of(), List.of()))
        .withMessageContaining("targets is empty");
  }

  @Test
  void theScaleIsAlphaOverTheRankOrItsRoot() {
    assertThat(new PeftConfig(4, 8, false, List.of(), List.of()).scale()).isEqualTo(2);
    assertThat(new PeftConfig(4, 8, true, List.of(), List.of()).scale()).isEqualTo(4);
  }
}
