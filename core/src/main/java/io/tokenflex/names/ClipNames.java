package io.tokenflex.names;

import static io.tokenflex.names.SiglipNames.PREFIX;

import io.tokenflex.model.VisionConfig;

/**
 * Names of {@code CLIPVisionModel} and of the vision half of {@code CLIPModel} (transformers,
 * models/clip/modeling_clip.py), where {@code pre_layrnorm} is spelled so. A tower that
 * transformers 5 saved has them without {@code vision_model.}.
 */
public final class ClipNames {
  private ClipNames() {}

  /** The table for a tower; what lies above its feature layer is of no use. */
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
            .unused(PREFIX + "post_layernorm.*") // normalizes the class token alone
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
