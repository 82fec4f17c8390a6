package io.tokenflex.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;

/**
 * One link of the chain: y = f(x, weights, constants), a pure function.
 *
 * <p>The same call serves inference, training and recomputation; whether it records a graph is the
 * thread's grad mode.
 */
interface Layer {
  /** The parameters of this layer. */
  Segment segment();

  /** Computes y from x; {@code owner} owns the result. */
  NDArray forward(NDManager owner, NDArray x);
}
