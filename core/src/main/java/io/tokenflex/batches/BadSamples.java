package io.tokenflex.batches;

/** What a run does with a sample that it cannot be trained on. */
public enum BadSamples {
  /** Leaves it out of its step: the order of the others stays, the loss has its tokens not. */
  SKIP,
  /** Ends the run. */
  FAIL
}
