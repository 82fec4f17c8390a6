package io.tokenflex.model;

/** Norm of the vision tower's layers, over the hidden size. */
public enum VisionNorm {
  /** LayerNorm, with weight and bias. */
  LAYER_NORM,

  /** RMSNorm, with a weight only. */
  RMS_NORM
}
