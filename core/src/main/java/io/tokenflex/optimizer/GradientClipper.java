package io.tokenflex.optimizer;

import ai.djl.ndarray.NDList;
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
   * @param norm global norm of the gradients after division
   */
  public void divideAndClip(NDList gradients, double divisor, double norm) {
    double clip = Math.min(1.0, maxGradNorm / (norm + EPSILON));
    kernels.run("scale_", gradients, clip / divisor);
  }
}
