package io.tokenflex.nccl;

import java.io.Serial;

/** A call of NCCL's failed before there was a communicator to break. */
final class NcclException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1;

  private final int result;

  NcclException(String message, int result) {
    super(message);
    this.result = result;
  }

  int result() {
    return result;
  }
}
