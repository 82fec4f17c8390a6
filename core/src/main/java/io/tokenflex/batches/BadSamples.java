package io.tokenflex.batches;

/** Policy for samples that cannot be trained on ({@code train.onBadSample}). */
public enum BadSamples {
  /**
   * Omits the sample from its step; the order of the other samples is unchanged, and the loss is
   * averaged over the remaining tokens.
   */
  SKIP,
  /** Ends the run. */
  FAIL
}
