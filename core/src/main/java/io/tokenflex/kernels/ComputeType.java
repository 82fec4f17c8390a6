package io.tokenflex.kernels;

/** Precision of the matrix products inside a kernel; everything kept is fp32. */
public enum ComputeType {
  FP32(6),
  BF16(15);

  private final long torchScalarType;

  ComputeType(int torchScalarType) {
    this.torchScalarType = torchScalarType;
  }

  /** The number of the type in PyTorch's {@code c10/core/ScalarType.h}. */
  public long torchScalarType() {
    return torchScalarType;
  }
}
