package io.tokenflex.kernels;

import ai.djl.Device;

/**
 * How kernels compute what one kind of device does best one way and another kind another. The
 * results differ by rounding at most, so a variant can be tried on any device.
 *
 * @param widensBf16 whether bf16 products are computed in fp32 and rounded, for devices without
 *     bf16
 * @param attendsByProducts whether attention is trained in bf16 by products of its own instead of
 *     PyTorch's fused kernel, which is slower on processors with bf16
 * @param groupsHeads whether that kernel is given key/value heads as they are instead of repeated,
 *     in bf16, which is slower on processors
 * @param castsOnce whether training casts the matrices to bf16 once a step and keeps them, instead
 *     of in every product
 */
public record KernelVariant(
    boolean widensBf16, boolean attendsByProducts, boolean groupsHeads, boolean castsOnce) {
  /** For a GPU that multiplies bf16. */
  public static final KernelVariant GPU = new KernelVariant(false, false, true, true);

  /** For a processor that multiplies bf16. */
  public static final KernelVariant BF16_PROCESSOR = new KernelVariant(false, true, false, true);

  /** For a processor that does not. */
  public static final KernelVariant PROCESSOR = new KernelVariant(true, false, false, false);

  /** The fastest for {@code device}. */
  public static KernelVariant of(Device device) {
    boolean multiplies = ComputeType.BF16.isInHardware(device);
    if (device.isGpu()) {
      return new KernelVariant(
          !multiplies, GPU.attendsByProducts(), GPU.groupsHeads(), GPU.castsOnce());
    }
    return multiplies ? BF16_PROCESSOR : PROCESSOR;
  }
}
