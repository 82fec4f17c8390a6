package io.tokenflex.kernels;

import ai.djl.Device;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Precision of matrix products inside kernels; weights, activations and gradients are stored in
 * fp32.
 */
public enum ComputeType {
  FP32(6),
  /**
   * bf16 products. On a device without them, factors and results are rounded to bf16 and products
   * computed in fp32.
   */
  BF16(15);

  private static final Path CPU_INFO = Path.of("/proc/cpuinfo");
  private static final Set<String> BF16_FLAGS = Set.of("avx512_bf16", "amx_bf16");

  private final long torchScalarType;

  ComputeType(int torchScalarType) {
    this.torchScalarType = torchScalarType;
  }

  /** The number of the type in PyTorch's {@code c10/core/ScalarType.h}. */
  public long torchScalarType() {
    return torchScalarType;
  }

  /** Whether {@code device} multiplies this type in hardware. */
  public boolean isInHardware(Device device) {
    return this == FP32 || device.isGpu() || cpuFlags().stream().anyMatch(BF16_FLAGS::contains);
  }

  private static Set<String> cpuFlags() {
    try {
      for (String line : Files.readAllLines(CPU_INFO)) {
        if (line.startsWith("flags")) {
          return new HashSet<>(
              List.of(line.substring(line.indexOf(':') + 1).trim().split("\\s+", -1)));
        }
      }
    } catch (IOException e) {
      return Set.of(); // not Linux
    }
    return Set.of();
  }
}
