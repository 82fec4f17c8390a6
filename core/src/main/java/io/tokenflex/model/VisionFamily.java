package io.tokenflex.model;

import java.util.List;

/** Families of published vision towers and their differences from plain pre-norm layers. */
public enum VisionFamily {
  /**
   * SigLIP, and SigLIP 2 at a fixed resolution (transformers, models/siglip/modeling_siglip.py).
   */
  SIGLIP,

  /** CLIP, OpenAI's and LAION's (transformers, models/clip/modeling_clip.py). */
  CLIP,

  /**
   * InternViT, 300M and 6B (OpenGVLab/InternVL, modeling_intern_vit.py; ported in transformers,
   * models/internvl/modeling_internvl.py).
   */
  INTERNVIT;

  /** Activations used by published models of the family. */
  public List<VisionActivation> activations() {
    return switch (this) {
      case SIGLIP -> List.of(VisionActivation.GELU_TANH);
      case CLIP -> List.of(VisionActivation.QUICK_GELU, VisionActivation.GELU);
      case INTERNVIT -> List.of(VisionActivation.GELU);
    };
  }

  /** Whether a learned class token precedes the patches; it is not part of the features. */
  public boolean hasClassToken() {
    return this == CLIP || this == INTERNVIT;
  }

  /** Whether the patch embedding has a bias. */
  public boolean hasPatchBias() {
    return this == SIGLIP || this == INTERNVIT;
  }

  /** Whether a norm follows the embeddings. */
  public boolean hasPreNorm() {
    return this == CLIP;
  }

  /** Whether outputs of attention and MLP are multiplied by learned factors (layer scale). */
  public boolean hasLayerScale() {
    return this == INTERNVIT;
  }

  /**
   * Whether a norm of all patches follows the last layer. False for CLIP, which normalizes only the
   * class token.
   */
  public boolean hasPostNorm() {
    return this == SIGLIP;
  }
}
