package io.tokenflex.distributed;

import io.tokenflex.failure.InvalidInputException;

/** What sums gradients between ranks. */
public enum Collective {
  /** NCCL where ranks train on GPUs, else the TCP ring. */
  AUTO,
  /** A ring of TCP connections, on the memory of CPUs. */
  TCP,
  /** NVIDIA's library, on the memory of GPUs. */
  NCCL;

  /**
   * Whether it is NCCL that sums.
   *
   * @throws InvalidInputException if what was chosen cannot reach the memory of the ranks
   */
  public boolean isNccl(boolean ranksTrainOnGpus, int worldSize) {
    if (this == NCCL && !ranksTrainOnGpus) {
      throw new InvalidInputException(
          "train.collective is nccl, which sums on GPUs, but cluster.gpusPerExecutor is 0; set"
              + " train.collective = auto (on CPUs tcp), or cluster.gpusPerExecutor = 1");
    }
    if (this == TCP && ranksTrainOnGpus && worldSize > 1) {
      throw new InvalidInputException(
          "train.collective is tcp, which sums in the memory of CPUs, but "
              + worldSize
              + " ranks train on GPUs; set train.collective = auto (on GPUs nccl)");
    }
    return this != TCP && ranksTrainOnGpus;
  }
}
