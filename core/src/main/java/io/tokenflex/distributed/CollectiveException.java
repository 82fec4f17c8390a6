package io.tokenflex.distributed;

import java.io.Serial;

/**
 * A collective operation failed: a peer died, was late or answered wrongly.
 *
 * <p>May be retried, but only by restarting all ranks from the last checkpoint: buffers may be
 * partly reduced.
 */
public final class CollectiveException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1;

  public CollectiveException(String message, Throwable cause) {
    super(message, cause);
  }
}
