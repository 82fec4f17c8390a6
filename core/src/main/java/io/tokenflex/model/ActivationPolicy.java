package io.tokenflex.model;

/** What is kept of a layer between its forward and its backward pass. */
public enum ActivationPolicy {
  /** The layer's autograd graph: fastest. */
  KEEP,
  /**
   * Only the layer's input; the layer is recomputed in the backward pass. Least memory, about a
   * third more time.
   */
  RECOMPUTE
}
