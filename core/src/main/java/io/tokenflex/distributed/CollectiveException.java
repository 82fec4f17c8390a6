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

  private final boolean late;

  private CollectiveException(String message, Throwable cause, boolean late) {
    super(message, cause);
    this.late = late;
  }

  /** A failure that says nothing about why a peer is not there; it may know. */
  public CollectiveException(String message, Throwable cause) {
    this(
        message,
        cause,
        /* late= */ cause instanceof CollectiveException collective && collective.isLate());
  }

  /** The deadline passed while all connections stood. */
  public static CollectiveException late(String message, Throwable cause) {
    return new CollectiveException(message, cause, /* late= */ true);
  }

  /** Whether the deadline passed while all connections stood: some peer is stuck. */
  public boolean isLate() {
    return late;
  }
}
