package io.tokenflex.cuda;

import java.io.Serial;

/**
 * A call of CUDA's failed. Most errors leave the device's context dead: no later call of this
 * process succeeds, so the process has to end.
 */
public final class CudaException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1;

  public CudaException(String message) {
    super(message);
  }

  public CudaException(String message, Throwable cause) {
    super(message, cause);
  }
}
