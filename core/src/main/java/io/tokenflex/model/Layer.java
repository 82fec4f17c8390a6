package io.tokenflex.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.tokenflex.kernels.KernelLibrary;

/**
 * One layer of a sequential model: a pure function y = f(x, weights, constants).
 *
 * <p>Differentiated by PyTorch's autograd, unless a layer overrides that with a cheaper formula.
 */
interface Layer {
  /** The parameters of this layer. */
  Segment segment();

  /** Computes y from x; {@code owner} owns the result. */
  NDArray forward(NDManager owner, NDArray x);

  /**
   * Computes y and whatever {@link #addGradients} needs; called while graph recording is on.
   *
   * @return y, then the recorded tensors; owned by {@code owner}
   */
  default NDList record(NDManager owner, NDArray x) {
    return new NDList(forward(owner, x));
  }

  /**
   * Backward pass: adds to the gradients of the segment's trained operands.
   *
   * @param recorded the result of {@link #record}; may be overwritten
   * @param inputs x if its gradient is needed, else empty
   * @param dy gradient of the loss with respect to y
   * @return gradient with respect to x; empty if it is not needed
   */
  default NDArray[] addGradients(
      KernelLibrary kernels, NDManager owner, NDList recorded, NDList inputs, NDArray dy) {
    NDArray y = recorded.get(0);
    TrainingState training = segment().training();
    return kernels.callForList(
        owner, "vjp", y, inputs, training.leaves(), dy, training.leafGradients());
  }
}
