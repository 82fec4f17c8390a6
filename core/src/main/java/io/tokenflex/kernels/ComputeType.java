package io.tokenflex.kernels;

import ai.djl.Device;
import io.tokenflex.cuda.CudaDevice;
import io.tokenflex.cuda.CudaLibrary;
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

  /** Compute capability 8.0, times ten; V100 and T4 have less. */
  private static final int BF16_CAPABILITY = 80;

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
    if (this == FP32) {
      return true;
    }
    return device.isGpu()
        ? capabilityOf(device) >= BF16_CAPABILITY
        : cpuFlags().stream().anyMatch(BF16_FLAGS::contains);
  }

  private static int capabilityOf(Device gpu) {
    return new CudaDevice(CudaLibrary.ofPyTorch(), gpu.getDeviceId()).capability();
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
