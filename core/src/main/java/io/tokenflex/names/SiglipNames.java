package io.tokenflex.names;

import io.tokenflex.model.VisionConfig;

/**
 * Names of {@code SiglipVisionModel} and of the vision half of {@code SiglipModel} (transformers,
 * models/siglip/modeling_siglip.py), which are SigLIP 2's at a fixed resolution too. A tower that
 * transformers 5 saved has them without {@code vision_model.}.
 */
public final class SiglipNames {
  static final String PREFIX = "vision_model.";

  private SiglipNames() {}

  /** The table for a tower; what lies above its feature layer is of no use. */
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

  /** The layers, which CLIP names as SigLIP does. */
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
