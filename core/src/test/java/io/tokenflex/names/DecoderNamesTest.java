package io.tokenflex.names;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenflex.model.LanguageConfig;
import io.tokenflex.model.RopeScaling;
import java.util.List;
import org.junit.jupiter.api.Test;

class DecoderNamesTest {
  private static LanguageConfig decoder(boolean tied, boolean qkvBias, boolean qkNorm) {
    return new LanguageConfig(
        10, 8, 8, 2, 2, 1, 4, 16, 1e4, 1e-6, tied, qkvBias, qkNorm, new RopeScaling.None());
  }

  @Test
  void aTensorLiesBelowTheLanguageModelUnderItsPublishedName() {
    NameTable names = DecoderNames.of(decoder(false, true, false));
    for (String name : List.of("model.layers.11.self_attn.q_proj.bias", "lm_head.weight")) {
      assertThat(names.find(name))
          .hasValueSatisfying(
              row -> assertThat(row.ours()).containsExactly("language_model." + name));
    }
  }

  @Test
  void aFamilyHasNoTensorsOfAnother() {
    String bias = "model.layers.0.self_attn.k_proj.bias";
    String norm = "model.layers.0.self_attn.k_norm.weight";
    NameTable qwen2 = DecoderNames.of(decoder(true, true, false));
    NameTable qwen3 = DecoderNames.of(decoder(true, false, true));
    NameTable llama = DecoderNames.of(decoder(true, false, false));
    assertThat(qwen2.find(bias)).isPresent();
    assertThat(qwen2.find(norm)).isEmpty();
    assertThat(qwen3.find(bias)).isEmpty();
    assertThat(qwen3.find(norm)).isPresent();
    assertThat(llama.find(bias)).isEmpty();
    assertThat(llama.find(norm)).isEmpty();
  }

  @Test
  void aTiedModelsSecondCopyOfTheTableAndStoredFrequenciesAreOfNoUse() {
    NameTable names = DecoderNames.of(decoder(true, false, false));
    for (String name :
        List.of(
            "lm_head.weight",
            "model.rotary_emb.inv_freq",
            "model.layers.1.self_attn.rotary_emb.inv_freq")) {
      assertThat(names.find(name))
          .hasValueSatisfying(row -> assertThat(row.ours()).as(name).isEmpty());
    }
  }
}
