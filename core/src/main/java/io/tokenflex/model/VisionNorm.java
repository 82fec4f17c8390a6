package io.tokenflex.model;

/** How the layers of a vision tower normalize; both over the hidden size. */
public enum VisionNorm {
  /** With mean, weight and bias. */
  LAYER_NORM,

  /** By the root mean square, with a weight alone. */
  RMS_NORM
}
