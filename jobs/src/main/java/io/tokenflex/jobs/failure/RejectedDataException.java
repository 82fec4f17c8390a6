package io.tokenflex.jobs.failure;

import java.io.Serial;

/** The data, not the configuration, has to change before this command can succeed. */
public final class RejectedDataException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1;

  public RejectedDataException(Throwable refusal) {
    super(refusal.getMessage(), refusal);
  }
}
