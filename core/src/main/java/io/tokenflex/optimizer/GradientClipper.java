package io.tokenflex.optimizer;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.tokenflex.kernels.HostMemory;
import io.tokenflex.kernels.KernelLibrary;

/** Divides summed gradients by a count and clips them by their global L2 norm. */
public final class GradientClipper {
  /** Added to the norm, as in {@code torch.nn.utils.clip_grad_norm_}. */
  private static final double EPSILON = 1e-6;

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
   * Divides by {@code divisor} and clips, in one pass over the gradients.
   *
   * @return the global norm before clipping
   */
  public double divideAndClip(NDManager owner, NDList gradients, double divisor) {
    double norm;
    try (NDArray summedNorm = kernels.call(owner, "global_norm", gradients)) {
      norm = HostMemory.floats(summedNorm)[0] / divisor;
    }
    double clip = Math.min(1.0, maxGradNorm / (norm + EPSILON));
    kernels.run("scale_", gradients, clip / divisor);
    return norm;
  }
}
