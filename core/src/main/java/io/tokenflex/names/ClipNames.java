package io.tokenflex.names;

import static io.tokenflex.names.SiglipNames.PREFIX;

import io.tokenflex.model.VisionConfig;

/**
 * Tensor names of {@code CLIPVisionModel} and of the vision half of {@code CLIPModel}
 * (transformers, models/clip/modeling_clip.py, which spells {@code pre_layrnorm}). Towers saved by
 * transformers 5 lack the prefix {@code vision_model.}.
 */
public final class ClipNames {
  private ClipNames() {}

  /** The name table of a tower; tensors above its feature layer are marked unused. */
  public static NameTable table(VisionConfig config) {
    NameTable.Builder table = NameTable.builder();
    SiglipNames.aboveTheFeatureLayer(table, PREFIX + "encoder.layers.", config);
    String embeddings = PREFIX + "embeddings.";
    table
        .row(embeddings + "class_embedding", embeddings + "class_embedding")
        .row(embeddings + "patch_embedding.weight", embeddings + "patch_embedding.weight")
        .row(embeddings + "position_embedding.weight", embeddings + "position_embedding.weight")
        .weightAndBias(PREFIX + "pre_layrnorm", PREFIX + "pre_layernorm");
    SiglipNames.encoder(table);
    NameTable tower =
        table
            .unused(PREFIX + "post_layernorm.*") // applies to the class token only
            .unused(embeddings + "position_ids")
            .build();
    return SiglipNames.withAndWithoutPrefix(tower)
        .and(
            NameTable.builder()
                .unused("visual_projection.weight")
                .unused("text_projection.weight")
                .unused("text_model.*")
                .unused("logit_scale")
                .build());
  }
}
