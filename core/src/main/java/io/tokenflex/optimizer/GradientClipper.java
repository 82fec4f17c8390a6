package io.tokenflex.optimizer;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.tokenflex.kernels.KernelLibrary;

/**
 * Clips means of gradients by their global L2 norm, as {@code torch.nn.utils.clip_grad_norm_}.
 *
 * <p>Works on sums, on their device: {@link AdamW} divides them in its own pass, so the gradients
 * are read once, and the host need not know the norm before the update.
 */
public final class GradientClipper {
  private final KernelLibrary kernels;
  private final double maxGradNorm;

  /**
   * Creates a clipper.
   *
   * @param maxGradNorm maximum global L2 norm
   */
  public GradientClipper(KernelLibrary kernels, double maxGradNorm) {
    this.kernels = kernels;
    this.maxGradNorm = maxGradNorm;
  }

  /**
   * What summed gradients are to be divided by.
   *
   * @param owner of the result
   * @param sums fp32, 1-dim: what was summed beside the gradients, and last their global norm
   * @param tokens where the number of tokens is, whose mean is wanted
   * @param loss where the loss is
   * @return the divisor, 0-dim, and whether there is nothing to learn from (1) because the loss or
   *     the norm is not finite or there was no token, 0-dim; both fp32
   */
  public NDList division(NDManager owner, NDArray sums, int tokens, int loss) {
    return new NDList(
        kernels.callForList(owner, "gradient_division", sums, tokens, loss, maxGradNorm));
  }
}
