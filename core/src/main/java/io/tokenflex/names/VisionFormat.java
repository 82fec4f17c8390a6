package io.tokenflex.names;

import io.tokenflex.model.VisionConfig;
import io.tokenflex.model.VisionFamily;
import java.util.Arrays;
import java.util.Optional;

/** Formats of published vision towers: keys of {@code config.json} and tensor names. */
public enum VisionFormat {
  /** {@code SiglipVisionModel}: SigLIP, and SigLIP 2 at a fixed resolution. */
  SIGLIP(
      "siglip_vision_model",
      VisionFamily.SIGLIP,
      """
      {"hidden_size": 768, "intermediate_size": 3072, "num_hidden_layers": 12,
       "num_attention_heads": 12, "num_channels": 3, "image_size": 224, "patch_size": 16,
       "hidden_act": "gelu_pytorch_tanh", "layer_norm_eps": 1e-6}
      """) {
    @Override
    public NameTable names(VisionConfig config) {
      return SiglipNames.table(config);
    }
  },

  /** {@code CLIPVisionModel}. */
  CLIP(
      "clip_vision_model",
      VisionFamily.CLIP,
      """
      {"hidden_size": 768, "intermediate_size": 3072, "num_hidden_layers": 12,
       "num_attention_heads": 12, "num_channels": 3, "image_size": 224, "patch_size": 32,
       "hidden_act": "quick_gelu", "layer_norm_eps": 1e-5}
      """) {
    @Override
    public NameTable names(VisionConfig config) {
      return ClipNames.table(config);
    }
  },

  /** OpenGVLab's own InternViT folders, including InternViT-300M. */
  INTERNVIT(
      "intern_vit_6b",
      VisionFamily.INTERNVIT,
      """
      {"hidden_size": 3200, "intermediate_size": 12800, "num_hidden_layers": 48,
       "num_attention_heads": 25, "num_channels": 3, "image_size": 224, "patch_size": 14,
       "hidden_act": "gelu", "layer_norm_eps": 1e-6,
       "norm_type": "rms_norm", "qkv_bias": false, "qk_normalization": true}
      """) {
    @Override
    public NameTable names(VisionConfig config) {
      return InternVitNames.original(config);
    }
  },

  /** {@code InternVLVisionModel}: InternViT in transformers. */
  INTERNVL(
      "internvl_vision",
      VisionFamily.INTERNVIT,
      """
      {"hidden_size": 1024, "intermediate_size": 4096, "num_hidden_layers": 24,
       "num_attention_heads": 16, "num_channels": 3, "image_size": 448, "patch_size": 14,
       "hidden_act": "gelu", "layer_norm_eps": 1e-6,
       "norm_type": "layer_norm", "attention_bias": false, "use_qk_norm": false,
       "use_mask_token": false, "use_absolute_position_embeddings": true, "use_mean_pooling": true}
      """) {
    @Override
    public NameTable names(VisionConfig config) {
      return InternVitNames.ported(config);
    }
  };

  private final String modelType;
  private final VisionFamily family;
  private final String defaults;

  VisionFormat(String modelType, VisionFamily family, String defaults) {
    this.modelType = modelType;
    this.family = family;
    this.defaults = defaults;
  }

  /** The value of {@code model_type} in {@code config.json}. */
  public String modelType() {
    return modelType;
  }

  public VisionFamily family() {
    return family;
  }

  /** Name table of a tower. */
  public abstract NameTable names(VisionConfig config);

  /** The format in which towers of a family are exported. */
  public static VisionFormat exported(VisionFamily family) {
    return switch (family) {
      case SIGLIP -> SIGLIP;
      case CLIP -> CLIP;
      case INTERNVIT -> INTERNVL;
    };
  }

  /** Defaults of the family's configuration class for omitted keys, as JSON. */
  public String defaults() {
    return defaults;
  }

  public static Optional<VisionFormat> ofModelType(String modelType) {
    return Arrays.stream(values()).filter(f -> f.modelType.equals(modelType)).findFirst();
  }
}
