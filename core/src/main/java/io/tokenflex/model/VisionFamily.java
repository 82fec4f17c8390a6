package io.tokenflex.model;

import java.util.List;

/** The families of published vision towers, and what each has besides pre-norm layers. */
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

  /** The activations that models of the family are published with. */
  public List<VisionActivation> activations() {
    return switch (this) {
      case SIGLIP -> List.of(VisionActivation.GELU_TANH);
      case CLIP -> List.of(VisionActivation.QUICK_GELU, VisionActivation.GELU);
      case INTERNVIT -> List.of(VisionActivation.GELU);
    };
  }

  /** A learned token before the patches; it takes part in attention and is no feature. */
  public boolean hasClassToken() {
    return this == CLIP || this == INTERNVIT;
  }

  /** Whether the patch embedding has a bias. */
  public boolean hasPatchBias() {
    return this == SIGLIP || this == INTERNVIT;
  }

  /** A norm between the embeddings and the first layer. */
  public boolean hasPreNorm() {
    return this == CLIP;
  }

  /** Learned factors on what attention and MLP add to the residual stream. */
  public boolean hasLayerScale() {
    return this == INTERNVIT;
  }

  /** A norm of all patches behind the last layer. CLIP's norm of the class token is none. */
  public boolean hasPostNorm() {
    return this == SIGLIP;
  }
}
