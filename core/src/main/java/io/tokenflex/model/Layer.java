package io.tokenflex.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.tokenflex.kernels.KernelLibrary;

/**
 * One link of the chain: y = f(x, weights, constants), a pure function.
 *
 * <p>Differentiated by PyTorch's autograd, unless a layer knows a leaner way.
 */
interface Layer {
  /** The parameters of this layer. */
  Segment segment();

  /** Computes y from x; {@code owner} owns the result. */
  NDArray forward(NDManager owner, NDArray x);

  /**
   * Computes y from x and keeps what {@link #addGradients} needs; called while the thread records
   * graphs.
   *
   * @return y, then whatever else is kept; owned by {@code owner}
   */
  default NDList record(NDManager owner, NDArray x) {
    return new NDList(forward(owner, x));
  }

  /**
   * The chain rule: adds to the gradients of the segment's leaves.
   *
   * @param recorded what {@link #record} returned; used up, it may be overwritten
   * @param inputs x, if its gradient is needed, else empty
   * @param dy gradient of the loss with respect to y
   * @return the gradient with respect to x, if needed
   */
  default NDArray[] addGradients(
      KernelLibrary kernels, NDManager owner, NDList recorded, NDList inputs, NDArray dy) {
    NDArray y = recorded.get(0);
    TrainingState training = segment().training();
    return kernels.callForList(
        owner, "vjp", y, inputs, training.leaves(), dy, training.leafGradients());
  }
}
