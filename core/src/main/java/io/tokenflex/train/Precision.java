package io.tokenflex.train;

import ai.djl.Device;
import io.tokenflex.distributed.ProcessGroup;
import io.tokenflex.kernels.ComputeType;

/** How the compute type of a run or an evaluation is chosen. */
public enum Precision {
  /** bf16 where every rank's hardware multiplies it, else fp32. */
  AUTO,
  FP32,
  BF16;

  /**
   * The type that answers are computed in on a device: what is chosen automatically is fp32 on a
   * CPU, where bf16 would make answers depend on the processor and on what else is in a batch.
   */
  public ComputeType resolveForAnswers(Device device) {
    if (this != AUTO) {
      return ComputeType.valueOf(name());
    }
    return device.isGpu() && ComputeType.BF16.isInHardware(device)
        ? ComputeType.BF16
        : ComputeType.FP32;
  }

  /** The type that all ranks of {@code group} compute in; a collective call. */
  public ComputeType resolve(ProcessGroup group, Device device) {
    if (this != AUTO) {
      return ComputeType.valueOf(name());
    }
    byte mine = (byte) (ComputeType.BF16.isInHardware(device) ? 1 : 0);
    boolean everywhere =
        group.allGather(new byte[] {mine}).stream().allMatch(answer -> answer[0] == 1);
    return everywhere ? ComputeType.BF16 : ComputeType.FP32;
  }
}
