package io.tokenflex.names;

import io.tokenflex.model.LanguageConfig;

/**
 * Tensor names of Qwen2, Qwen2.5, Qwen3 and Llama: identical in all of them; ours have the prefix
 * {@code language_model.}.
 */
public final class DecoderNames {
  private static final String OURS = "language_model.";
  private static final String LAYER = "model.layers.{}.";
  private static final String ATTENTION = LAYER + "self_attn.";
  private static final String HEAD = "lm_head.weight";

  private DecoderNames() {}

  /** The name table of a decoder; contains only tensors that its configuration has. */
  public static NameTable of(LanguageConfig language) {
    NameTable.Builder table = NameTable.builder();
    same(table, "model.embed_tokens.weight");
    same(table, LAYER + "input_layernorm.weight");
    same(table, ATTENTION + "q_proj.weight");
    same(table, ATTENTION + "k_proj.weight");
    same(table, ATTENTION + "v_proj.weight");
    if (language.qkvBias()) {
      same(table, ATTENTION + "q_proj.bias");
      same(table, ATTENTION + "k_proj.bias");
      same(table, ATTENTION + "v_proj.bias");
    }
    if (language.qkNorm()) {
      same(table, ATTENTION + "q_norm.weight");
      same(table, ATTENTION + "k_norm.weight");
    }
    same(table, ATTENTION + "o_proj.weight");
    same(table, LAYER + "post_attention_layernorm.weight");
    same(table, LAYER + "mlp.gate_proj.weight");
    same(table, LAYER + "mlp.up_proj.weight");
    same(table, LAYER + "mlp.down_proj.weight");
    same(table, "model.norm.weight");
    if (language.tieWordEmbeddings()) {
      table.unused(HEAD); // files of tied models may contain the embedding table twice
    } else {
      same(table, HEAD);
    }
    // Computed from the configuration; old files contain it in every layer.
    table.unused(ATTENTION + "rotary_emb.inv_freq");
    table.unused("model.rotary_emb.inv_freq");
    return table.build();
  }

  private static void same(NameTable.Builder table, String name) {
    table.row(name, OURS + name);
  }
}
