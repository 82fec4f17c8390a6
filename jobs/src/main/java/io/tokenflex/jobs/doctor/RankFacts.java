package io.tokenflex.jobs.doctor;

import io.tokenflex.jobs.run.Machine;
import java.io.Serial;
import java.io.Serializable;
import java.util.List;

/**
 * What one rank found on its executor.
 *
 * @param host the name under which Spark reaches the executor
 * @param executor Spark's number of it
 * @param heapBytes largest heap of its JVM
 * @param availableBytes memory that the machine could still give away
 * @param torchThreads with which PyTorch computes
 * @param java version of the JVM
 * @param pyTorch its version and the folder of its libraries
 * @param gpu the GPU that Spark gave this rank; null on a CPU or if it is of no use
 * @param nccl NCCL's version; empty where there is none
 * @param problems what failed, each with its next move
 */
record RankFacts(
    int rank,
    String host,
    String executor,
    Machine machine,
    long heapBytes,
    long availableBytes,
    int torchThreads,
    String java,
    String pyTorch,
    Gpu gpu,
    String nccl,
    Speeds speeds,
    List<String> problems)
    implements Serializable {
  @Serial private static final long serialVersionUID = 1;

  /**
   * A GPU.
   *
   * @param capability compute capability times ten
   * @param busId PCI bus id
   * @param driver newest CUDA version that the driver knows
   * @param runtime CUDA version that PyTorch brings
   */
  record Gpu(
      String name,
      int ordinal,
      int capability,
      String busId,
      long freeBytes,
      long totalBytes,
      String driver,
      String runtime)
      implements Serializable {
    @Serial private static final long serialVersionUID = 1;
  }

  /**
   * What was measured, all ranks at the same time; NaN where it was not.
   *
   * @param fp32Flops floating-point operations per second of one large product
   * @param bf16Flops the same with factors of bf16
   * @param toDeviceBytes bytes per second from the heap to the GPU
   * @param ringSeconds of a message round the ring
   * @param ringBytes bytes of values per second that all ranks sum over the TCP ring
   * @param ncclBytes the same over NCCL
   * @param diskBytes bytes per second written to the local disk, to its platter
   * @param storageWriteBytes bytes per second written to the run's folder
   * @param storageReadBytes bytes per second read back from there
   */
  record Speeds(
      double fp32Flops,
      double bf16Flops,
      double toDeviceBytes,
      double ringSeconds,
      double ringBytes,
      double ncclBytes,
      double diskBytes,
      double storageWriteBytes,
      double storageReadBytes)
      implements Serializable {
    @Serial private static final long serialVersionUID = 1;
  }

  /** Whether all that was tried worked. */
  boolean isWell() {
    return problems.isEmpty();
  }
}
