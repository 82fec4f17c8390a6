package io.tokenflex.names;

import io.tokenflex.model.VisionConfig;

/**
 * Tensor names of {@code SiglipVisionModel} and of the vision half of {@code SiglipModel}
 * (transformers, models/siglip/modeling_siglip.py), also used by fixed-resolution SigLIP 2. Towers
 * saved by transformers 5 lack the prefix {@code vision_model.}.
 */
public final class SiglipNames {
  static final String PREFIX = "vision_model.";

  private SiglipNames() {}

  /** The name table of a tower; tensors above its feature layer are marked unused. */
  public static NameTable table(VisionConfig config) {
    NameTable.Builder table = NameTable.builder();
    aboveTheFeatureLayer(table, PREFIX + "encoder.layers.", config);
    if (!config.hasPostNorm()) {
      table.unused(PREFIX + "post_layernorm.*");
    }
    String embeddings = PREFIX + "embeddings.";
    table
        .weightAndBias(embeddings + "patch_embedding", embeddings + "patch_embedding")
        .row(embeddings + "position_embedding.weight", embeddings + "position_embedding.weight");
    encoder(table);
    NameTable tower =
        table
            .weightAndBias(PREFIX + "post_layernorm", PREFIX + "post_layernorm")
            .unused(embeddings + "position_ids")
            .unused(PREFIX + "head.*")
            .build();
    return withAndWithoutPrefix(tower)
        .and(
            NameTable.builder()
                .unused("text_model.*")
                .unused("logit_scale")
                .unused("logit_bias")
                .build());
  }

  static NameTable withAndWithoutPrefix(NameTable tower) {
    return tower.and(tower.renamed(name -> name.substring(PREFIX.length())));
  }

  /** Encoder layers, named identically in SigLIP and CLIP. */
  static void encoder(NameTable.Builder table) {
    String layer = PREFIX + "encoder.layers.{}.";
    for (String part :
        new String[] {
          "layer_norm1",
          "self_attn.q_proj",
          "self_attn.k_proj",
          "self_attn.v_proj",
          "self_attn.out_proj",
          "layer_norm2",
          "mlp.fc1",
          "mlp.fc2"
        }) {
      table.weightAndBias(layer + part, layer + part);
    }
  }

  static void aboveTheFeatureLayer(
      NameTable.Builder table, String publishedLayers, VisionConfig config) {
    for (int i = config.numBuiltLayers(); i < config.numHiddenLayers(); i++) {
      table.unused(publishedLayers + i + ".*");
    }
  }
}
