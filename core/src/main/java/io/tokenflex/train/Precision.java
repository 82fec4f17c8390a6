package io.tokenflex.train;

import ai.djl.Device;
import io.tokenflex.distributed.ProcessGroup;
import io.tokenflex.kernels.ComputeType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;

/** How the compute type of a run is chosen. */
public enum Precision {
  /** bf16 where every rank's hardware multiplies it fast, else fp32. */
  AUTO,
  FP32,
  BF16;

  private static final Path CPU_INFO = Path.of("/proc/cpuinfo");
  private static final Set<String> FAST_BF16_FLAGS = Set.of("avx512_bf16", "amx_bf16");

  /** The type that all ranks of {@code group} compute in; a collective call. */
  public ComputeType resolve(ProcessGroup group, Device device) {
    if (this != AUTO) {
      return ComputeType.valueOf(name());
    }
    byte fast = (byte) (device.isGpu() || cpuMultipliesBf16Fast() ? 1 : 0);
    boolean everywhere =
        group.allGather(new byte[] {fast}).stream().allMatch(answer -> answer[0] == 1);
    return everywhere ? ComputeType.BF16 : ComputeType.FP32;
  }

  private static boolean cpuMultipliesBf16Fast() {
    try {
      for (String line : Files.readAllLines(CPU_INFO)) {
        if (line.startsWith("flags")) {
          return Set.of(line.substring(line.indexOf(':') + 1).trim().split("\\s+", -1)).stream()
              .anyMatch(FAST_BF16_FLAGS::contains);
        }
      }
    } catch (IOException e) {
      return false; // not Linux: fp32 is right everywhere
    }
    return false;
  }
}
