package io.tokenflex.nccl;

import ai.djl.ndarray.NDManager;
import io.tokenflex.distributed.FileRendezvous;
import io.tokenflex.distributed.ProcessGroup;
import io.tokenflex.kernels.DeviceMemory;
import io.tokenflex.testing.Ranks;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;

/**
 * A rank as a process of its own, which sums ones as often as it is told and prints the last sum.
 * Arguments: the fake library, the folder to meet in, rank, number of ranks, sums, GPU.
 */
final class NcclRankProcess {
  private static final Duration TIMEOUT = Duration.ofSeconds(20);

  private NcclRankProcess() {}

  /** Runs the rank. */
  public static void main(String[] arguments) {
    int rank = Integer.parseInt(arguments[2]);
    FileRendezvous rendezvous =
        new FileRendezvous(Path.of(arguments[1]), rank, Integer.parseInt(arguments[3]), TIMEOUT);
    NcclGpu gpu =
        NcclGpu.of(Path.of(arguments[0]), Integer.parseInt(arguments[5]), DeviceMemory::addressOf);
    // What takes long in a new process comes before the others wait for it: NCCL's library,
    // PyTorch.
    gpu.version();
    NDManager.newBaseManager("PyTorch").close();
    try (ProcessGroup group = NcclProcessGroup.join(rendezvous, "127.0.0.1", 0, TIMEOUT, gpu)) {
      float last = 0;
      for (int sum = 0; sum < Integer.parseInt(arguments[4]); sum++) {
        last = Ranks.sumOfOnes(group, 100_003);
        System.out.println("sum " + sum);
      }
      System.out.println(String.format(Locale.ROOT, "last %.0f", last));
    }
  }
}
