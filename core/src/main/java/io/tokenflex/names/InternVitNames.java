package io.tokenflex.names;

import static io.tokenflex.names.SiglipNames.PREFIX;

import io.tokenflex.model.VisionConfig;

/**
 * Tensor names of InternViT in OpenGVLab's folders and in transformers' port.
 *
 * <p>These are the names of the tower alone. In a whole model they have a prefix ({@link
 * NameTable#below}): {@code vision_model.} in OpenGVLab's folders, {@code vision_tower.} or {@code
 * model.vision_tower.} in the port.
 */
public final class InternVitNames {
  private static final String EMBEDDINGS = PREFIX + "embeddings.";
  private static final String LAYER = PREFIX + "encoder.layers.{}.";

  private InternVitNames() {}

  /**
   * The name table for OpenGVLab's folders (InternVL, modeling_intern_vit.py); tensors above the
   * tower's feature layer are marked unused.
   */
  public static NameTable original(VisionConfig config) {
    NameTable.Builder table = NameTable.builder();
    SiglipNames.aboveTheFeatureLayer(table, "encoder.layers.", config);
    String layer = "encoder.layers.{}.";
    return table
        .squeezed("embeddings.class_embedding", 2, EMBEDDINGS + "class_embedding")
        .weightAndBias("embeddings.patch_embedding", EMBEDDINGS + "patch_embedding")
        .squeezed("embeddings.position_embedding", 1, EMBEDDINGS + "position_embedding.weight")
        .weightAndBias(layer + "norm1", LAYER + "layer_norm1")
        .stacked(
            layer + "attn.qkv.weight",
            LAYER + "self_attn.q_proj.weight",
            LAYER + "self_attn.k_proj.weight",
            LAYER + "self_attn.v_proj.weight")
        .stacked(
            layer + "attn.qkv.bias",
            LAYER + "self_attn.q_proj.bias",
            LAYER + "self_attn.k_proj.bias",
            LAYER + "self_attn.v_proj.bias")
        .row(layer + "attn.q_norm.weight", LAYER + "self_attn.q_norm.weight")
        .row(layer + "attn.k_norm.weight", LAYER + "self_attn.k_norm.weight")
        .weightAndBias(layer + "attn.proj", LAYER + "self_attn.out_proj")
        .row(layer + "ls1", LAYER + "lambda_1")
        .weightAndBias(layer + "norm2", LAYER + "layer_norm2")
        .weightAndBias(layer + "mlp.fc1", LAYER + "mlp.fc1")
        .weightAndBias(layer + "mlp.fc2", LAYER + "mlp.fc2")
        .row(layer + "ls2", LAYER + "lambda_2")
        .build();
  }

  /**
   * The name table for {@code InternVLVisionModel} (transformers,
   * models/internvl/modeling_internvl.py); tensors above the tower's feature layer are marked
   * unused.
   */
  public static NameTable ported(VisionConfig config) {
    NameTable.Builder table = NameTable.builder();
    SiglipNames.aboveTheFeatureLayer(table, "encoder.layer.", config);
    String layer = "encoder.layer.{}.";
    return table
        .squeezed("embeddings.cls_token", 2, EMBEDDINGS + "class_embedding")
        .weightAndBias("embeddings.patch_embeddings.projection", EMBEDDINGS + "patch_embedding")
        .squeezed("embeddings.position_embeddings", 1, EMBEDDINGS + "position_embedding.weight")
        .weightAndBias(layer + "layernorm_before", LAYER + "layer_norm1")
        .weightAndBias(layer + "attention.q_proj", LAYER + "self_attn.q_proj")
        .weightAndBias(layer + "attention.k_proj", LAYER + "self_attn.k_proj")
        .weightAndBias(layer + "attention.v_proj", LAYER + "self_attn.v_proj")
        .row(layer + "attention.q_norm.weight", LAYER + "self_attn.q_norm.weight")
        .row(layer + "attention.k_norm.weight", LAYER + "self_attn.k_norm.weight")
        .weightAndBias(layer + "attention.projection_layer", LAYER + "self_attn.out_proj")
        .row(layer + "lambda_1", LAYER + "lambda_1")
        .weightAndBias(layer + "layernorm_after", LAYER + "layer_norm2")
        .weightAndBias(layer + "mlp.fc1", LAYER + "mlp.fc1")
        .weightAndBias(layer + "mlp.fc2", LAYER + "mlp.fc2")
        .row(layer + "lambda_2", LAYER + "lambda_2")
        .build();
  }
}
