package io.tokenflex.model;

/** What training remembers of a layer between its forward and its backward pass. */
public enum ActivationPolicy {
  /** Everything autograd needs: fastest. */
  KEEP,
  /** The layer's input only; the layer is computed again: about a third more time, least memory. */
  RECOMPUTE
}
